"""The modules that only this board adds to an image: its drivers and board.py."""

include("../common_manifest.py")
module("board.py")
package(
    "hal",
    base_path="../..",
    files=(
        "drivers/clock_rtc.py",
        "drivers/codec_es8311.py",
        "drivers/codec_i2s.py",
        "drivers/display_st7789.py",
        "drivers/display_tft.py",
        "drivers/es8311.py",
        "drivers/expander_mcp23017.py",
        "drivers/keypad_encoder.py",
        "drivers/keypad_expander.py",
        "drivers/keypad_several.py",
        "drivers/lamp_neopixel.py",
        "drivers/network_wlan.py",
        "drivers/ringer_codec.py",
        "drivers/slots_folders.py",
    ),
)
