"""How deep the jitter buffer is to be: what the histogram remembers, and what it takes for another path."""

from media.delay import Delay

MS = 8


def note(delay, lates, samples=160):
    for late in lates:
        delay.note(1000 - late * MS, samples)


def target(delay):
    return delay.target // MS


def test_the_floor_is_enough_where_all_come_alike():
    delay = Delay(160, 1600)
    note(delay, [0] * 2000)
    assert target(delay) == 20


def test_it_grows_at_once_and_to_what_was_needed():
    delay = Delay(160, 1600)
    note(delay, [0] * 200 + [150])
    assert target(delay) == 150


def test_no_further_than_the_ceiling():
    delay = Delay(160, 800)
    note(delay, [0] * 200 + [240] * 5)
    assert target(delay) == 100


STALL = [0] * 92 + list(range(140, -20, -20))


def test_a_stall_every_two_seconds_is_remembered_for_a_minute():
    delay = Delay(160, 1600)
    note(delay, STALL * 10)
    assert target(delay) == 140
    note(delay, [0] * 50 * 20)
    assert target(delay) >= 100
    note(delay, [0] * 50 * 90)
    assert target(delay) == 20


def test_one_stall_is_forgotten_sooner():
    delay = Delay(160, 1600)
    note(delay, [0] * 50 * 30 + [140, 120] + [0] * 50 * 15)
    assert target(delay) == 20


def test_what_does_not_end_is_another_path():
    """60 ms more for good: no jitter, and nothing to be remembered."""
    delay = Delay(160, 1600)
    note(delay, [0] * 500)
    base = delay.base
    note(delay, [60] * 20)
    assert target(delay) == 60
    note(delay, [60] * 100)
    assert target(delay) <= 60 and delay.base == base - 60 * MS
    note(delay, [60] * 50 * 9)
    assert target(delay) == 20


def test_a_slow_swing_is_jitter():
    delay = Delay(160, 1600)
    swing = [abs(80 - n * 160 // 500) for n in range(500)]  # 80 ms down and up in 10 s
    note(delay, swing * 4)
    assert 80 <= target(delay) <= 85


def test_voice_weighs_by_its_time():
    """Packets of 10 and of 60 ms come to the same."""
    for samples in (80, 160, 240, 480):
        delay = Delay(160, 1600)
        count = 8000 // samples
        note(delay, ([0] * (count - 1 - count // 20) + [100] * (1 + count // 20)) * 20, samples)
        assert target(delay) == 100
        assert delay.total <= 48000


def test_losses_make_room_for_the_packet_after_them():
    delay = Delay(160, 1600)
    note(delay, [0] * 100)
    delay.lost()
    assert target(delay) == 20
    note(delay, [0] * 50)
    delay.lost()
    assert target(delay) == 40
    note(delay, [0] * 50 * 80)
    assert target(delay) == 20


def test_bins_hold_whatever_comes():
    delay = Delay(160, 2048)
    for number in range(5000):
        delay.note(-(number % 7) * 700, 2048)
    assert delay.total < 65536
