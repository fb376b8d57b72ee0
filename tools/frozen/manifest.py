"""The phone as in a custom image, on the simulated board, and tests/cost, which measures it.

All of it is frozen, so that the heap holds what it holds on a chip. The simulator is left out: to load a
module MicroPython searches the names of all frozen modules, and a phone's image has no simulator among them.
"""

include("$(MPY_DIR)/extmod/asyncio")
include("../../firmware/manifest.py")
include("../../boards/sim/manifest.py")
package("cost/phone", base_path="../../tests")
