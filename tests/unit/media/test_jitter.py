"""The jitter buffer: what comes out when, and what it says of what went in."""

from media import jitter


def frame(buffer):
    """One frame as a list: the octet that fills each 1 ms cell, None where nothing came."""
    if not buffer.anchored:
        return []
    cells = []
    for _ in range(jitter.FRAME_CELLS):
        at = buffer.cell()
        cells.append(buffer.octets[at] if at >= 0 else None)
    buffer.played(all(cell is None for cell in cells))
    return cells


def fixed(depth):
    return jitter.Buffer(depth, depth)


def put(buffer, timestamp, octet, samples=160):
    return buffer.put(timestamp & 0xFFFFFFFF, bytes((octet,)) * samples, 0, samples)


def test_the_first_packet_plays_after_the_depth():
    for depth_ms in (20, 60, 100):
        buffer = fixed(depth_ms * 8)
        assert frame(buffer) == []
        assert put(buffer, 0xFFFFFFF0, 7) == jitter.STORED
        for _ in range(depth_ms // 20):
            assert frame(buffer) == [None] * 20
        assert frame(buffer) == [7] * 20


def test_packets_of_any_length_in_any_order():
    for samples in (80, 160, 240, 320):
        buffer = fixed(800)
        count = 960 // samples
        order = [0] + list(range(count - 1, 0, -1))
        for number in order:
            assert put(buffer, 5000 + number * samples, number, samples) == jitter.STORED
        for _ in range(5):
            assert frame(buffer) == [None] * 20
        played = []
        for _ in range(6):
            played += frame(buffer)
        assert played == [number for number in range(count) for _ in range(samples // 8)]


def test_twice_is_once():
    buffer = fixed(160)
    assert put(buffer, 0, 1) == jitter.STORED
    assert put(buffer, 0, 2) == jitter.REPEATED
    frame(buffer)
    assert frame(buffer) == [1] * 20


def test_late_is_dropped_once_something_later_was_played():
    buffer = fixed(160)
    put(buffer, 0, 1)
    put(buffer, 320, 3)
    played = [frame(buffer) for _ in range(4)]
    assert [cells[0] for cells in played] == [None, 1, None, 3]
    assert put(buffer, 160, 2) == jitter.LATE
    assert put(buffer, 480 - 80, 4) == jitter.STORED  # half of it
    assert frame(buffer) == [4] * 10 + [None] * 10


def test_where_nothing_is_left_the_line_waits():
    buffer = jitter.Buffer(160, 800)
    put(buffer, 0, 1)
    assert [frame(buffer)[0] for _ in range(5)] == [None, 1, None, None, None]
    for number in range(1, 5):  # three frames late, and those behind it with it
        assert put(buffer, number * 160, 1 + number) == jitter.STORED
    assert [frame(buffer)[0] for _ in range(4)] == [2, 3, 4, 5]
    # A depth that is given is kept: what is later is late.
    buffer = fixed(160)
    put(buffer, 0, 1)
    for _ in range(6):
        frame(buffer)
    assert put(buffer, 160, 2) == jitter.LATE


def test_the_line_never_waits_longer_than_the_ceiling():
    buffer = jitter.Buffer(160, 480)
    put(buffer, 0, 1)
    for _ in range(5):
        frame(buffer)
    assert put(buffer, 160, 2) == jitter.LATE  # 640 samples deep


def test_too_far_ahead_is_dropped():
    buffer = fixed(160)
    put(buffer, 0, 1)
    assert put(buffer, 160 * 30, 2) == jitter.OVERFLOW
    assert put(buffer, 0x40000000, 2) == jitter.OVERFLOW
    assert put(buffer, 0xC0000000, 2) == jitter.LATE
    frame(buffer)
    assert frame(buffer) == [1] * 20
    assert put(buffer, 320, 3, samples=4000) == jitter.OVERFLOW
    assert put(buffer, 320, 3, samples=7) == jitter.OVERFLOW


def test_a_jump_of_the_time_line_is_followed():
    buffer = fixed(320)
    for number in range(5):
        put(buffer, number * 160, 1)
        frame(buffer)
    jump = 123456789
    verdicts = [put(buffer, jump + number * 160, 9) for number in range(4)]
    assert verdicts[0] == jitter.OVERFLOW and verdicts[1:] == [jitter.STORED] * 3
    assert buffer.resynced == 1
    frames = [frame(buffer) for _ in range(5)]
    assert frames[2] == [9] * 20


def test_one_lying_timestamp_changes_nothing():
    buffer = fixed(320)
    for number in range(20):
        assert put(buffer, number * 160, number) == jitter.STORED
        put(buffer, number * 160 + 0x40000000, 99)
        assert 99 not in frame(buffer)
    assert buffer.resynced == 0


def test_rest_after_half_a_second_and_a_fresh_start():
    buffer = fixed(320)
    for number in range(5):
        put(buffer, number * 160, 1)
        frame(buffer)
    played = [frame(buffer) for _ in range(30)]
    assert played[-1] == []
    # The peer's clock stood still meanwhile.
    assert put(buffer, 5 * 160, 2) == jitter.STORED
    assert [frame(buffer) for _ in range(3)][-1] == [2] * 20


def test_the_surplus_shows_how_clocks_drift():
    for drift in (2, -2):
        buffer = jitter.Buffer(480, 960)
        due = number = 0
        for _ in range(2000):
            due += 160 + drift
            while due >= 160 and number < 500:
                due -= 160
                put(buffer, number * 160, number & 0xFF)
                number += 1
            if number == 500:
                break
            frame(buffer)
            if number == 200:
                # 2.5 ms of each 200: a quick peer's show at once, a slow one's once the early are forgotten.
                assert (buffer.surplus() >= 320) == (drift > 0)
        assert buffer.resynced == 0


def test_an_event_stands_in_for_what_is_missing():
    buffer = fixed(160)
    put(buffer, 0, 1)
    put(buffer, 480, 2)
    frame(buffer)
    buffer.cover(80, 240)
    covered = []
    for _ in range(4):
        for _ in range(20):
            covered.append("voice" if buffer.cell() >= 0 else "event" if buffer.covered else "lost")
    assert covered == ["voice"] * 20 + ["event"] * 20 + ["lost"] * 20 + ["voice"] * 20
    for timestamp, samples in ((0x80000000, 65535), (0, 0), (640 - 65535, 65535 + 480)):
        buffer.cover(timestamp & 0xFFFFFFFF, samples)
    put(buffer, 800, 3)
    assert frame(buffer) == [None] * 20
    assert frame(buffer) == [3] * 20  # voice is stronger


def test_steady_clocks_have_no_surplus():
    buffer = fixed(480)
    for number in range(500):
        put(buffer, number * 160, 1)
        if number % 7 == 3:
            frame(buffer)
            frame(buffer)
        elif number % 7 != 4:
            frame(buffer)
    assert -160 <= buffer.surplus() <= 160


def test_timestamps_half_the_circle_away():
    """The difference of 2**31 is neither ahead nor behind."""
    for timestamp in (0x80000000, 0x7FFFFFFF, 0x80000001):
        buffer = fixed(160)
        put(buffer, 0, 1)
        assert put(buffer, (buffer.play + timestamp) & 0xFFFFFFFF, 2, samples=2048) != jitter.STORED
        buffer.cover((buffer.play + timestamp) & 0xFFFFFFFF, 65535 + 480)
        assert [frame(buffer)[0] for _ in range(2)] == [None, 1]
