"""Gain, saturation and metering."""

from array import array

from media import level


def test_gain_by_percent():
    assert level.gain(0) == 0 and level.gain(-5) == 0
    assert level.gain(100) == level.UNITY and level.gain(200) == level.UNITY
    gains = [level.gain(percent) for percent in range(101)]
    for percent in range(100):
        assert gains[percent] < gains[percent + 1]
    # 4 dB for every ten percent
    for percent in range(20, 101, 10):
        assert 1.56 < gains[percent] / gains[percent - 10] < 1.61


def test_saturation_and_capture_gain():
    for value, expected in ((0, 0), (32767, 32767), (32768, 32767), (-32768, -32768), (-99999, -32768)):
        assert level.saturate(value) == expected
    assert level.raised(1000, 0) == 1000
    assert level.raised(-1000, 3) == -8000
    assert level.raised(20000, 1) == 32767
    assert level.narrowed(0x12345678, 0) == 0x1234
    assert level.narrowed(-1, 0) == -1
    assert level.narrowed(0x01234567, 4) == 0x1234
    assert level.narrowed(0x12345678, 6) == 32767


def test_scale():
    samples = array("h", (32767, -32768, 100, -100, 0))
    level.scale(samples, level.UNITY)
    assert list(samples) == [32767, -32768, 100, -100, 0]
    level.scale(samples, level.UNITY // 2)
    assert list(samples) == [16383, -16384, 50, -50, 0]
    level.scale(samples, 0)
    assert list(samples) == [0] * 5


def test_rms():
    for value in (0, 16, 1000, -20000, 32767, -32768):
        samples = [value] * 160
        assert abs(level.rms(level.energy(samples)) - min(abs(value), 32767)) <= 16
