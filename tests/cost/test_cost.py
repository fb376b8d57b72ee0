"""What the phone costs, against its budgets and against what docs/cost.md says. Counted, never timed.

The table, and how each of its rows is measured, is in tools/cost.py.
"""

import pytest

from support.require import missing
from tools import cost

pytestmark = pytest.mark.timeout(600)

ROWS = {row.name: row for row in cost.rows()}


@pytest.fixture(scope="module")
def table():
    """{name: Row}, measured once for all tests: less than a minute once the images are built."""
    return {row.name: row for row in cost.measure()}


def measured(table, name):
    row = table[name]
    if row.value is None:
        missing(row.what, row.missing[-300:])
    return row


@pytest.mark.parametrize("name", ROWS)
def test_no_budget_is_exceeded(table, name):
    row = measured(table, name)
    assert not row.exceeded, f"{row.what}: {row.value} {row.unit}, and {row.budget} are all that it may take"


@pytest.mark.parametrize("name", ROWS)
def test_the_page_is_true(table, name):
    row = measured(table, name)
    said = cost.documented().get(row.what)
    assert said is not None, f"docs/cost.md has no such row: `make cost` writes it: {row.what}"
    assert cost.is_true(said, row.value), (
        f"docs/cost.md says {said}, it is {row.value}: `make cost` puts it right"
    )


def test_the_page_has_no_row_more():
    assert set(cost.documented()) == {row.what for row in ROWS.values()}
