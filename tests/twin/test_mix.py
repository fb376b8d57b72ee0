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


@pytest.mark.parametrize("bits", [16, 32])
def test_both_adjust_alike(bits):
    code = "h" if bits == 16 else "i"
    dice = random.Random(bits)
    top = 1 << (bits - 1)
    for steps in range(7):
        for volume in (0, 1, 20000, 32768):
            frame = array(code, [dice.randrange(-top, top) >> dice.randrange(bits) for _ in range(160)])
            frame[0], frame[1] = top - 1, -top
            adjusted = [bytearray(frame.tobytes()) for _ in range(2)]
            for core, samples in zip((native(), reference), adjusted):
                core.adjust(samples, bits, steps, volume)
            assert adjusted[0] == adjusted[1]
            if steps == 0 and (volume == 32768 or bits == 32):
                assert array(code, bytes(adjusted[0])).tolist()[2:] == frame.tolist()[2:]


@pytest.mark.parametrize(
    "octets, bits, steps, volume", [(320, 24, 0, 0), (321, 16, 0, 0), (320, 16, 7, 0), (320, 16, 0, 32769)]
)
def test_what_adjust_refuses(octets, bits, steps, volume):
    for core in (native(), reference):
        raises(ValueError, core.adjust, bytearray(octets), bits, steps, volume)
