"""Situations from public bug reports, as scripts that lie beside the repository: each must end well.

The scripts are no part of this project. Without them this file is skipped, even where all else is required; the
right value of each is a test of the project's own as well.
"""

import subprocess
import sys

import pytest

from support.mirror import ROOT

FOLDER = ROOT.parent / "shared" / "field" / "cases"
CASES = sorted(path for path in FOLDER.glob("[0-9]*.py"))
if not CASES:
    pytest.skip("no situations of the field in " + str(FOLDER), allow_module_level=True)


@pytest.mark.parametrize("case", CASES, ids=[path.stem for path in CASES])
def test_case(case):
    command = [sys.executable, "tests/field/names.py", str(case)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_cases_at_random_beside_a_call():
    """Ten hours: no call is lost, and nothing grows. Those that want the whole phone, or other servers, stay out."""
    apart = ("Desk", "Ear(", "endpoint.locator")
    cases = [str(path) for path in CASES if not any(word in path.read_text() for word in apart)]
    command = [sys.executable, "tests/field/replay.py", "36000"] + cases
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0 and len(cases) > 30, result.stdout + result.stderr
