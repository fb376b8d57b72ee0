#!/usr/bin/env python3
"""Make the Python modules that hold the web interface's files from the HTML, CSS and JavaScript beside them.

firmware/services/web/pages/app.js becomes app_js.py there: a custom image has its files as frozen modules,
and compression leaves a third of the size. Indentation and comment lines are left out. Run it after a change
of those files; a test checks that the modules are up to date.
"""

import argparse
import gzip
import hashlib
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "firmware" / "services" / "web" / "pages"
KINDS = (".html", ".js", ".css")
_COLUMNS = 96


def sources() -> list:
    return sorted(path for path in FOLDER.iterdir() if path.suffix in KINDS)


def module_of(source: Path) -> Path:
    return source.with_name(source.name.replace(".", "_") + ".py")


def served(source: Path) -> bytes:
    """The file as a browser gets it: without indentation, empty lines and comment lines."""
    lines = [line.strip() for line in source.read_bytes().splitlines()]
    return b"\n".join([line for line in lines if line and not line.startswith(b"//")]) + b"\n"


def text(source: Path) -> str:
    """The source of the module for a file."""
    content = served(source)
    packed = gzip.compress(content, 9, mtime=0)
    tag = hashlib.sha256(content).hexdigest()[:16]
    about = f'"""{source.name}, {len(content)} bytes; written by tools/pages.py."""'
    lines = [about, "", f"ETAG = '\"{tag}\"'", "DATA = ("]
    start = 0
    while start < len(packed):
        # As many bytes as fit a line: the length of their repr varies.
        end = start + 24
        while end < len(packed) and len(repr(packed[start : end + 1])) <= _COLUMNS:
            end += 1
        lines.append(f"    {packed[start:end]!r}")
        start = end
    return "\n".join([*lines, ")", ""])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args()
    for source in sources():
        module = module_of(source)
        module.write_text(text(source))
        content = served(source)
        print(f"{module.name}: {len(content)} bytes, {len(gzip.compress(content, 9))} packed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
