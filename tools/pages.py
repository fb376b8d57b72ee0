#!/usr/bin/env python3
"""Make the modules that hold the page's files, out of the HTML, CSS and JavaScript beside them.

firmware/services/web/pages/app.js becomes app_js.py there: a phone has no file system in a custom image, and
compressed it is a third. Indentation and lines of comment stay behind. Run it after a change of those files;
a test sees that it was.
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
    """What a browser gets of a file: no indentation, no empty lines, and no lines that are a comment."""
    lines = [line.strip() for line in source.read_bytes().splitlines()]
    return b"\n".join([line for line in lines if line and not line.startswith(b"//")]) + b"\n"


def text(source: Path) -> str:
    """The module for a file."""
    content = served(source)
    packed = gzip.compress(content, 9, mtime=0)
    tag = hashlib.sha256(content).hexdigest()[:16]
    about = f'"""{source.name}, {len(content)} bytes; written by tools/pages.py."""'
    lines = [about, "", f"ETAG = '\"{tag}\"'", "DATA = ("]
    start = 0
    while start < len(packed):
        # As many bytes as fit a line: how long their text is differs.
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
