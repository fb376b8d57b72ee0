"""The phone of ../manifest.py with the simulator and the workbench, for tools/sim.py --frozen."""

include("../manifest.py")
package("hal", base_path="../../..", files=("chips.py",))
package("hal/sim", base_path="../../..")
package("workbench", base_path="../../..")
