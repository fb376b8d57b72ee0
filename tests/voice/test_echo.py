"""The echo canceller keeps its budgets in rooms; `make voice` measures all of it and writes docs/echo.md."""

import pytest

from tools import voice_echo
from voice.prepared import require_scores

ROOMS = ("rt200", "rt600", "noisy", "moved")


@pytest.fixture(scope="module")
def rows():
    require_scores()
    return voice_echo.run(ROOMS, listen=False, cancellers=("ours",))["ours"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("room", ROOMS)
def test_a_room_keeps_its_budget(rows, room):
    assert voice_echo.missed(room, rows[room]) == ""


def test_a_missed_budget_is_said():
    assert voice_echo.missed("rt600", {"erle": 20.0, "pesq": 3.0}) == "erle 20.00 of 35"


def test_every_room_has_a_budget():
    rooms = pytest.importorskip("voice.rooms", reason="numpy is missing: make voice")
    assert set(rooms.ROOMS) == set(voice_echo.BUDGETS)


def test_the_model_gets_the_spectrogram_that_its_package_makes():
    """Of a tone of 1 kHz, in the band that librosa puts it in."""
    echo = pytest.importorskip("voice.echo", reason="numpy is missing: make voice")
    numpy = pytest.importorskip("numpy")
    picture = echo.spectrogram(numpy.sin(numpy.arange(16000) * (2 * numpy.pi * 1000 / 16000)))
    assert picture.shape == (63, 160)
    assert picture[30].argmax() == 52 and abs(picture[30][50] - 0.762) < 0.001
