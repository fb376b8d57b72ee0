"""The modules that every board adds to an image: common.py, contracts with code, shared drivers, null lamp.

A board's manifest includes this one. The firmware has a manifest of its own.
"""

package("boards", base_path="..", files=("common.py",))
package(
    "hal",
    base_path="..",
    files=(
        "contract/board.py",
        "contract/slots.py",
        "contract/storage.py",
        "drivers/amplifiers.py",
        "drivers/cadences.py",
        "drivers/fixed_address.py",
        "drivers/hook_gpio.py",
        "drivers/i2s_streams.py",
        "drivers/keypad_matrix.py",
        "drivers/lamp_gpio.py",
        "drivers/storage_vfs.py",
        "null/lamp.py",
    ),
)
