"""The modules that only this board adds to an image: its drivers and board.py."""

include("../common_manifest.py")
module("board.py")
package(
    "hal",
    base_path="../..",
    files=(
        "drivers/clock_rtc.py",
        "drivers/codec_i2s.py",
        "drivers/display_sh1106.py",
        "drivers/display_ssd1306.py",
        "drivers/expander_pcf8574.py",
        "drivers/keypad_expander.py",
        "drivers/network_wlan.py",
        "drivers/ringer_pwm.py",
        "drivers/slots_folders.py",
    ),
)
