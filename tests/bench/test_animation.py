"""The moving picture of the README is of the call that the tree makes."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

from support.mirror import ROOT

PICTURE = ROOT / "docs" / "images" / "call.svg"


def labels(path):
    """The texts of a picture in their order."""
    return [element.text for element in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")]


def test_the_picture_is_of_the_call_that_the_tree_makes(tmp_path):
    made = tmp_path / "call.svg"
    subprocess.run([sys.executable, ROOT / "tools" / "animation.py", "--output", made], check=True)
    assert labels(made) == labels(PICTURE), "python tools/animation.py"
    assert "202 rings" in labels(made) and labels(made).count("180 Ringing") == 2


def test_the_picture_needs_nothing_from_elsewhere():
    text = PICTURE.read_text()
    assert len(text) < 300_000
    assert "<script" not in text and re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
