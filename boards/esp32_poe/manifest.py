"""The modules that only this board adds to an image: its drivers and board.py."""

include("../common_manifest.py")
module("board.py")
package(
    "hal",
    base_path="../..",
    files=(
        "drivers/clock_rtc.py",
        "drivers/codec_i2s.py",
        "drivers/display_ssd1306.py",
        "drivers/expander_mcp23017.py",
        "drivers/keypad_expander.py",
        "drivers/network_lan.py",
        "drivers/ringer_codec.py",
        "drivers/slots_partition.py",
    ),
)
