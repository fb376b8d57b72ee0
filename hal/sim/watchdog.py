"""The simulated watchdog's hand to the outside: a process that hangs cannot end itself.

Where the environment names a file in BAKELITE_WATCHDOG, each feeding writes the time in ms until the bite
into it, and the parent process (tools/sim.py) kills and restarts it when the file grows older than
that.
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
