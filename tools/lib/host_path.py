"""Where this machine finds the modules of the firmware, for tools that run a part of it.

As on a chip, the interpreter's own modules come first: here the stand-ins for them.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FIRMWARE = [ROOT / "hal" / "sim" / "modules", ROOT / "firmware", ROOT]
PHONE = [*FIRMWARE, ROOT / "boards" / "sim", ROOT / ".venv" / "phone"]
TESTS = [*FIRMWARE, ROOT / "boards" / "sim", ROOT / "tests", ROOT / ".venv" / "phone"]


def use(folders: "list[Path]") -> None:
    """Search these first, and tools/ no more: one of its commands is named as a package (`fuzz`)."""
    others = [each for each in sys.path if each != str(ROOT / "tools")]
    sys.path[:] = [str(folder) for folder in folders] + others
