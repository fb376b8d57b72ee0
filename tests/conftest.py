"""pytest's set-up: the module search path that a host gives the firmware."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The stand-ins for machine, network … come first, as the real modules do on a chip.
SEARCH_PATH = [
    ROOT / "hal" / "sim" / "modules",
    ROOT / "firmware",
    ROOT,
    ROOT / "boards" / "sim",
    ROOT / "tests",
]

sys.path[:0] = [str(folder) for folder in SEARCH_PATH]
