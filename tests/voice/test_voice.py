"""The voice over bad networks keeps its budgets; `make voice` measures all of it and writes docs/voice.md."""

import pytest

from tools import voice
from voice.prepared import require_scores

# Those that show most in least time.
TRACES = ("clean", "jitter20", "wifi150", "step60", "loss5", "loss10", "pauses-cn")


@pytest.fixture(scope="module")
def rows():
    require_scores()
    return voice.run(TRACES, with_plcmos=False)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", TRACES)
def test_a_trace_keeps_its_budget(rows, name):
    assert voice.missed(name, rows[name], rows["clean"]["pesq"]) == ""


@pytest.mark.timeout(300)
def test_wideband_keeps_its_budget(rows):
    """`rows` sees that all is there."""
    wide = voice.run_wide(("clean", "loss5"))
    assert min(wide["clean"]) > 4.3
    for name, scores in wide.items():
        assert voice.missed_wide(name, scores, wide["clean"]) == ""


def test_a_missed_budget_is_said():
    row = {"pesq": 3.0, "delay": 500.0}
    assert voice.missed("jitter20", row, 4.3) == "PESQ 3.00 of 4.20, 500 ms of 65"


def test_every_trace_has_a_budget():
    traces = pytest.importorskip("voice.traces", reason="numpy is missing: make voice")
    assert set(traces.TRACES) == set(voice.BUDGETS)
