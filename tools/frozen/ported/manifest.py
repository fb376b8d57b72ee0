"""The Python of a board's custom image, with the simulator and the bench.

For tools/sim.py --runtime esp32; BAKELITE_BOARD names the board.
"""

import os

include("$(MPY_DIR)/extmod/asyncio")
include("../../../firmware/manifest.py")
include("../../../boards/%s/manifest.py" % os.environ["BAKELITE_BOARD"])
package("hal", base_path="../../..", files=("chips.py",))
package("hal/sim", base_path="../../..")
package("workbench", base_path="../../..")
for name in ("machine.py", "neopixel.py", "esp32_bench.py"):
    module(name, base_path="../../esp32_port/modules")
