"""What a newcomer meets first: `make`, the tools' --help, the pins."""

import os
import re
import subprocess
import sys

from support.mirror import ROOT


def test_make_alone_lists_every_target_meant_for_people():
    listed = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in (
        "help",
        "sim",
        "demo",
        "test",
        "lint",
        "micropython",
        "native",
        "setup",
        "clean",
        "image",
        "firmware",
        "flash",
        "deploy",
        "repl",
        "release",
        "ota",
    ):
        assert re.search(rf"^  make {target} ", listed, re.MULTILINE), target


def test_every_tool_tells_what_it_does():
    tools = [path for path in sorted((ROOT / "tools").glob("*.py")) if os.access(path, os.X_OK)]
    assert tools
    for tool in tools:
        told = subprocess.run([sys.executable, tool, "--help"], capture_output=True, text=True, cwd="/")
        assert told.returncode == 0 and told.stdout.startswith("usage: "), tool.name


def test_every_requirement_is_pinned_exactly():
    for path in (ROOT / "requirements").glob("*.txt"):
        for line in path.read_text().splitlines():
            assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9a-z.]+", line), (
                path.name,
                line,
            )
