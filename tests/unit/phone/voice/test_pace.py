"""Frames that are ready in the rhythm of DMA buffers leave every 20 ms."""

import compat
from phone.voice.pace import Pace


def left(ready, pace=None, start=0):
    """When the frames leave that are ready at those times, in ms after `start`."""
    pace = pace or Pace()
    times = []
    for at in ready:
        now = compat.ticks_add(start, at)
        times.append(at + pace.wait(now))
    return times


def by_buffers(rate, count, ppm=0):
    """When frames are ready whose DMA buffers have 256 samples."""
    samples = rate // 50
    times = []
    for number in range(1, count + 1):
        buffers = -(-number * samples // 256)
        times.append(buffers * 256 * 1000 * (1000000 - ppm) // (rate * 1000000))
    return times


def steps(times):
    return [times[index] - times[index - 1] for index in range(1, len(times))]


def test_they_leave_evenly_whatever_the_buffers():
    for rate in (8000, 16000, 48000):
        for start in (0, 0x3FFFFF00):
            times = left(by_buffers(rate, 400), start=start)
            assert all(19 <= step <= 21 for step in steps(times)[8:]), rate


def test_a_frame_waits_no_longer_than_it_has_to():
    ready = by_buffers(16000, 400)
    waited = [there - at for at, there in zip(ready, left(ready))][100:]
    assert min(waited) <= 1 and max(waited) <= 13


def test_clocks_that_drift_are_followed():
    for ppm in (300, -300):
        ready = by_buffers(48000, 4000, ppm)
        times = left(ready)
        waited = [there - at for at, there in zip(ready, times)][1000:]
        assert 0 <= min(waited) and max(waited) <= 9, (ppm, max(waited))
        assert all(18 <= step <= 22 for step in steps(times)[8:])


def test_after_a_pause_it_begins_anew():
    pace = Pace()
    left(by_buffers(16000, 10), pace)
    assert left([1000], pace) == [1000]
    assert left([1016], pace) == [1020]
    assert left([400000], pace) == [400000]
