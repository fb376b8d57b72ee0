"""The plugin that runs tests on MicroPython, tried on a small suite of its own."""

import os
import shutil
import subprocess
import sys

from support.mirror import ROOT
from support.require import missing
from tools import build_micropython

SUITE = """
import sys

def test_where():
    assert %s, "expected interpreter"

def test_fails():
    print("a hint")
    assert sys.implementation.name == "cpython"
"""


def require_micropython():
    if build_micropython.program(32) is None:
        missing("MicroPython (32-bit)", build_micropython.why_missing(32))


def run_pytest(folder, *arguments, **environment):
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *arguments, folder]
    environment = dict(os.environ, **environment)
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True).stdout


def with_suite(text, *arguments, **environment):
    folder = ROOT / "tests" / "unit" / "zz_tried"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        (folder / "test_tried.py").write_text(text)
        return run_pytest(folder, *arguments, **environment)
    finally:
        shutil.rmtree(folder)


def test_each_test_is_an_item_on_each_interpreter():
    require_micropython()
    output = with_suite(SUITE % "True")
    assert "test_tried.py::test_where PASSED" in output
    assert "test_tried.py::test_where[micropython] PASSED" in output
    assert "test_tried.py::test_fails[micropython] FAILED" in output
    assert "a hint" in output and 'assert sys.implementation.name == "cpython"' in output
    assert "1 failed, 3 passed" in output


def test_a_process_that_dies_fails_every_test_that_it_did_not_reach():
    if build_micropython.program(32) is None:
        missing("MicroPython (32-bit)", build_micropython.why_missing(32))
    dies = "import sys\nif sys.implementation.name == 'micropython':\n    sys.exit(3)\n"
    output = with_suite(dies + SUITE % "True")
    assert "test_where[micropython] FAILED" in output and "status 3" in output


def test_what_does_not_compile_is_named():
    require_micropython()
    output = with_suite("def test_match():\n    match 1:\n        case 1:\n            pass\n")
    assert "test_match PASSED" in output and "test_match[micropython] FAILED" in output
    assert "SyntaxError" in output


def test_a_file_may_stay_on_cpython_with_a_reason():
    output = with_suite("# cpython-only: a reason\n" + SUITE % "True")
    assert "[micropython]" not in output and "2 passed" in output


def test_a_skip_fails_when_everything_is_required():
    text = "# cpython-only: pytest's own\nimport pytest\ndef test_x():\n    pytest.skip('no such thing')\n"
    assert "1 skipped" in with_suite(text, REQUIRE_ALL="0")
    assert "1 failed" in with_suite(text, REQUIRE_ALL="1")
