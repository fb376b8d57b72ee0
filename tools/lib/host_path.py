"""The firmware's module search path on a host, for tools that run parts of the firmware.

As on a chip, the interpreter's own modules come first: here, their stand-ins.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FIRMWARE = [ROOT / "hal" / "sim" / "modules", ROOT / "firmware", ROOT]
PHONE = [*FIRMWARE, ROOT / "boards" / "sim", ROOT / ".venv" / "phone"]
TESTS = [*FIRMWARE, ROOT / "boards" / "sim", ROOT / "tests", ROOT / ".venv" / "phone"]


def use(folders: "list[Path]") -> None:
    """Search `folders` first, and no longer tools/: its command `fuzz` has the name of a package."""
    others = [each for each in sys.path if each != str(ROOT / "tools")]
    sys.path[:] = [str(folder) for folder in folders] + others
