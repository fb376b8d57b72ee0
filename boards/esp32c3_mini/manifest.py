"""What this board adds to an image: its drivers, the null lamp, itself. The firmware is not listed here."""

module("board.py")
package(
    "hal",
    base_path="../..",
    files=(
        "contract/board.py",
        "contract/slots.py",
        "contract/storage.py",
        "drivers/codec_i2s_output.py",
        "drivers/display_ssd1306.py",
        "drivers/expander_pcf8574.py",
        "drivers/hook_gpio.py",
        "drivers/i2s_streams.py",
        "drivers/keypad_expander.py",
        "drivers/keypad_matrix.py",
        "drivers/lamp_gpio.py",
        "drivers/lamp_neopixel.py",
        "drivers/network_wlan.py",
        "drivers/ringer_codec.py",
        "drivers/ringer_pwm.py",
        "drivers/slots_partition.py",
        "drivers/storage_vfs.py",
        "null/lamp.py",
    ),
)
