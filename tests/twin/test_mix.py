"""Adding one frame to another, in C and in Python: the same samples, the same refusals."""

import random
from array import array

import pytest

from media import reference
from support.check import raises
from support.require import missing


def native():
    try:
        from native.host import voice_core
    except ImportError as error:
        return missing("the voice core", str(error))
    return voice_core


@pytest.mark.parametrize("samples", [160, 960])
@pytest.mark.parametrize("code", ["h", "i"])
def test_both_add_alike(samples, code):
    dice = random.Random(samples)
    top = 1 << (15 if code == "h" else 31)
    for loudness in (1, 2, 1000):
        into = array(code, [dice.randrange(-top, top) // loudness for _ in range(samples)])
        other = array(
            "h", [dice.choice((-32768, 32767, dice.randrange(-9000, 9000))) for _ in range(samples)]
        )
        mixed = [bytearray(into.tobytes()) for _ in range(2)]
        for core, frame in zip((native(), reference), mixed):
            core.mix(frame, other.tobytes())
        assert mixed[0] == mixed[1]
        if code == "h":
            expected = [min(max(a + b, -32768), 32767) for a, b in zip(into, other)]
            assert array("h", bytes(mixed[0])).tolist() == expected


@pytest.mark.parametrize("frame, other", [(320, 318), (318, 320), (0, 320), (960, 320)])
def test_frames_that_do_not_fit_are_refused(frame, other):
    for core in (native(), reference):
        raises(ValueError, core.mix, bytearray(frame), bytes(other))
