"""For the tests in a browser."""

import os

import pytest

from support.mirror import ROOT


@pytest.fixture(scope="session")
def pictures():
    """Where the pictures in docs/ are put, with PICTURES=1 in the environment; else None."""
    return ROOT / "docs" / "images" if os.environ.get("PICTURES") == "1" else None
