"""The phone as a custom image has it, on the simulated board; the simulator and tests/cost beside it.

All of it is frozen, so that the heap holds what it holds on a chip.
"""

import os

include("$(MPY_DIR)/extmod/asyncio")
include("../../firmware/manifest.py")
include("../../boards/sim/manifest.py")


def tree(base, folder):
    """The Python files under base/folder, as paths from base."""
    found = []
    for path, _, names in sorted(os.walk(base + "/" + folder)):
        found += [os.path.relpath(path + "/" + name, base) for name in sorted(names) if name.endswith(".py")]
    return found


package("hal", base_path="../..", files=tree("../../hal", "sim") + ["chips.py"])
package("cost", base_path="../../tests", files=tree("../../tests/cost", "phone"))
