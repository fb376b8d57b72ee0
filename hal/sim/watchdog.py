"""The simulated watchdog, run by the parent process, as a hanging process cannot end itself.

If the environment variable BAKELITE_WATCHDOG names a file, each feed writes the timeout in ms to it. The
parent process (tools/sim.py) kills and restarts this process when the file is older than the timeout.
"""

import os

feedings = 0


def fed(timeout_ms: int) -> None:
    global feedings
    feedings += 1
    path = os.getenv("BAKELITE_WATCHDOG")
    if path:
        with open(path, "w") as file:
            file.write("%d" % timeout_ms)
