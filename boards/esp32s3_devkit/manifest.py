"""What is this board's own in an image: its drivers and itself."""

include("../common_manifest.py")
module("board.py")
package(
    "hal",
    base_path="../..",
    files=(
        "drivers/clock_rtc.py",
        "drivers/codec_i2s.py",
        "drivers/display_ssd1306.py",
        "drivers/lamp_neopixel.py",
        "drivers/network_wlan.py",
        "drivers/ringer_codec.py",
        "drivers/slots_folders.py",
    ),
)
