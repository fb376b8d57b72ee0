"""The power goes at every block write and erase of an update, of saving settings and of a factory reset, on
real MicroPython's LittleFS: what starts then is the old or the new, never something between.

tests/power/cuts.py does it; here it is started, and what it counted is printed.
"""

import os
import subprocess

import pytest

from support import mirror
from support.require import missing
from tools import build_micropython

CUTS = mirror.ROOT / "tests" / "power" / "cuts.py"

# The fewest writes and erases that each can take: fewer, and the test no longer does what it says.
MIN_COUNT = {"update": 100, "save": 10, "reset": 5}


@pytest.fixture(scope="module")
def micropython():
    """A function that runs cuts.py; its last line."""
    program = build_micropython.program(32)
    if program is None:
        missing("MicroPython (32-bit)", build_micropython.why_missing(32))
    problems = mirror.refresh("x86")
    assert not [path for path in problems if "tests" not in path.parts], problems
    path = ":".join([str(mirror.MIRROR / folder) for folder in mirror.SEARCH_PATH] + [".frozen"])

    def run(*arguments):
        command = [program, "-X", "heapsize=4m", CUTS, *arguments]
        result = subprocess.run(
            command,
            env=dict(os.environ, MICROPYPATH=path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=110,
        )
        assert result.returncode == 0, result.stdout[-3000:]
        return result.stdout.splitlines()[-1]

    return run


@pytest.mark.parametrize("operation", MIN_COUNT)
def test_old_or_new_never_between(micropython, operation, capsys):
    told = micropython(operation)
    with capsys.disabled():
        print("\n" + told)
    assert told.startswith(f"power cuts: {operation}: ")
    assert int(told.split()[3]) >= MIN_COUNT[operation]


def test_a_full_flash_is_told_and_harms_nothing(micropython):
    assert micropython("full") == "full flash: told, and the old version starts"
