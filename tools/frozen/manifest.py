"""The phone as a custom image has it, on the simulated board, and tests/cost, which measures it.

All of it is frozen, so that the heap holds what it holds on a chip. The simulator is not in it: to load a
module, MicroPython searches the names of all that is frozen, and a phone has no simulator among them.
"""

include("$(MPY_DIR)/extmod/asyncio")
include("../../firmware/manifest.py")
include("../../boards/sim/manifest.py")
package("cost/phone", base_path="../../tests")
