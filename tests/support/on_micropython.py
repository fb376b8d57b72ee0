"""pytest plugin: the tests run on MicroPython as well as on CPython, each as an item of its own.

One process runs the chosen tests of one file, on a heap like that of a chip without PSRAM. A file may say
in a comment that it needs more, or cannot run there at all, and why:

    # micropython-heap: 400k: both phones and the proxy live in one process
    # cpython-only: compares with the library's own parser
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from support import mirror
from support.require import missing
from tools import build_micropython

ROOT = mirror.ROOT
SUITES = [ROOT / "tests" / name for name in ("unit", "contract", "scenario")]
RUNNER = ROOT / "tests" / "support" / "mp_runner.py"

BITS = 32
ARCHITECTURE = "x86"
HEAP = "160k"
TIMEOUT_S = 110

_HEAP_COMMENT = re.compile(r"^# micropython-heap: (\d+[kM]): \S", re.MULTILINE)
_CPYTHON_ONLY = re.compile(r"^# cpython-only: \S", re.MULTILINE)
_END = re.compile(r"@@ (passed|failed) (\S+) (\d+)")


def pytest_collect_file(file_path: Path, parent):
    runs_there = file_path.suffix == ".py" and file_path.name.startswith("test_")
    if not runs_there or not any(suite in file_path.parents for suite in SUITES):
        return None
    text = file_path.read_text()
    if _CPYTHON_ONLY.search(text):
        return None
    heap = _HEAP_COMMENT.search(text)
    return MicroPythonFile.from_parent(parent, path=file_path, heap=heap.group(1) if heap else HEAP)


class MicroPythonFile(pytest.File):
    """The tests of one file; the first item that runs runs them all."""

    def __init__(self, heap: str, **named):
        super().__init__(**named)
        self._heap = heap
        self._results = None
        self._end = ""

    def collect(self):
        module = pytest.Module.from_parent(self.parent, path=self.path)
        for item in module.collect():
            if isinstance(item, pytest.Function):
                yield MicroPythonItem.from_parent(self, name=f"{item.name}[micropython]", test=item.name)

    def result(self, function: str) -> "tuple[str, str]":
        """("passed" or "failed", the test's output)."""
        if self._results is None:
            program = build_micropython.program(BITS)
            if program is None:
                missing(f"MicroPython ({BITS}-bit)", build_micropython.why_missing(BITS))
            self._results = {}
            self._run(program)
        return self._results.get(function, ("failed", self._end))

    def _run(self, program: Path) -> None:
        problems = _refreshed_mirror(self.config)
        if self.path in problems:
            self._end = problems[self.path]
            return
        chosen = [item.test for item in self.session.items if item.parent is self]
        copy = (mirror.MIRROR / self.path.relative_to(ROOT)).with_suffix(".mpy")
        path = ":".join([str(mirror.MIRROR / folder) for folder in mirror.SEARCH_PATH] + [".frozen"])
        command = [program, "-X", f"heapsize={self._heap}", RUNNER, copy, *chosen]
        environment = dict(os.environ, MICROPYPATH=path)
        try:
            process = subprocess.run(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                text=True,
                errors="replace",
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT_S,
            )
            output, end = process.stdout, f"the process ended with status {process.returncode}"
        except subprocess.TimeoutExpired as error:
            output = (error.stdout or b"").decode("utf-8", "replace")
            end = f"still running after {TIMEOUT_S} s"
        said = []
        for line in output.splitlines():
            match = _END.match(line)
            if match:
                if "MemoryError" in "".join(said):
                    said.append(
                        f"(heap {self._heap}; # micropython-heap: SIZE: WHY in the file gives it another)"
                    )
                self._results[match.group(2)] = (match.group(1), "\n".join(said).strip())
                said = []
            else:
                said.append(line)
        self._end = "\n".join([*said[-30:], f"{end}; heap {self._heap}"]).strip()


class MicroPythonItem(pytest.Item):
    def __init__(self, test: str, **named):
        super().__init__(**named)
        self.test = test

    def runtest(self) -> None:
        status, said = self.parent.result(self.test)
        if status != "passed":
            raise MicroPythonFailure(said)
        if said:
            self.add_report_section("call", "stdout", said)

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, MicroPythonFailure):
            return _with_source_lines(str(excinfo.value))
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, None, self.name


class MicroPythonFailure(Exception):
    """The output of a failed test, or of the process that should have run it."""


_PROBLEMS = pytest.StashKey["dict[Path, str]"]()


def _refreshed_mirror(config) -> "dict[Path, str]":
    """Refresh the mirror, once per run; returns the files that do not compile."""
    if _PROBLEMS not in config.stash:
        config.stash[_PROBLEMS] = mirror.refresh(ARCHITECTURE)
    return config.stash[_PROBLEMS]


def _with_source_lines(traceback: str) -> str:
    """Add the source lines to a traceback of MicroPython, which names only file and line."""
    lines = []
    for line in traceback.splitlines():
        lines.append(line)
        place = re.match(r'\s*File "([^"]+)", line (\d+)', line)
        if place and (ROOT / place.group(1)).is_file():
            source = (ROOT / place.group(1)).read_text().splitlines()
            lines += ["    " + text.strip() for text in source[int(place.group(2)) - 1 : int(place.group(2))]]
    return "\n".join(lines)
