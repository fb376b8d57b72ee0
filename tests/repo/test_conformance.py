"""Every test that docs/conformance.md names is there."""

import re

from support.mirror import ROOT

PAGE = (ROOT / "docs" / "conformance.md").read_text()
NAMED = re.findall(r"`((?:[a-z]+/)+test_\w+\.py)(?:::(\w+))?`", PAGE)


def test_each_named_test_exists():
    assert len(NAMED) > 60
    for place, name in NAMED:
        path = ROOT / "tests" / place
        assert path.exists(), place
        assert not name or f"def {name}(" in path.read_text(), (place, name)


def test_each_row_names_a_test():
    rows = [line for line in PAGE.splitlines() if re.match(r"\| \d", line)]
    assert len(rows) > 40
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 4 and re.search(r"`.*test_\w+\.py", cells[3]), row[:60]
