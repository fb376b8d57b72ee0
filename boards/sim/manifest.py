"""What this board adds to an image: its drivers, the null devices that replace what a board may lack, itself.

The firmware's packages are the same for every board and not listed here.
"""

module("board.py")
package(
    "hal",
    base_path="../..",
    files=(
        "contract/board.py",
        "contract/slots.py",
        "contract/storage.py",
        "drivers/codec_i2s.py",
        "drivers/display_ssd1306.py",
        "drivers/hook_gpio.py",
        "drivers/i2s_streams.py",
        "drivers/keypad_matrix.py",
        "drivers/lamp_gpio.py",
        "drivers/network_wlan.py",
        "drivers/ringer_pwm.py",
        "drivers/slots_folders.py",
        "drivers/storage_vfs.py",
        "null/lamp.py",
    ),
)
