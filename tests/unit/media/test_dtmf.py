"""Digits as RFC 4733 events: what is sent packet by packet, what is made of what comes."""

from media import dtmf


def send_all(sender, frames, first=1000):
    """[(kind, start, event, end, duration) or None] for each frame."""
    octets = bytearray(16)
    sent = []
    for number in range(frames):
        timestamp = (first + number * 160) & 0xFFFFFFFF
        kind = sender.send(octets, 12, timestamp)
        if kind == dtmf.VOICE:
            sent.append(None)
        else:
            duration = octets[14] << 8 | octets[15]
            sent.append((kind, sender.start, octets[12], octets[13] >> 7, duration))
    return sent


def test_one_digit():
    sender = dtmf.Sender()
    assert sender.put(11, 100)
    sent = send_all(sender, 9)
    start, going = dtmf.START, dtmf.GOING
    assert sent == [
        (start, 1000, 11, 0, 160),
        (going, 1000, 11, 0, 320),
        (going, 1000, 11, 0, 480),
        (going, 1000, 11, 0, 640),
        (going, 1000, 11, 1, 800),
        (going, 1000, 11, 1, 800),  # §2.5.1.4: the end three times
        (going, 1000, 11, 1, 800),
        None,
        None,
    ]


def test_digits_are_apart():
    sender = dtmf.Sender()
    for event in (5, 5):
        sender.put(event, 40)
    sent = send_all(sender, 12, first=0xFFFFFF00)
    starts = [number for number in range(12) if sent[number] and sent[number][0] == dtmf.START]
    assert starts == [0, 6]
    assert sent[6][1] == (0xFFFFFF00 + 6 * 160) & 0xFFFFFFFF


def test_what_is_not_queued():
    sender = dtmf.Sender()
    for event, ms in ((16, 100), (-1, 100), (1, 0), (1, 8001)):
        assert not sender.put(event, ms)
    for _ in range(16):
        assert sender.put(1, 8000)
    assert not sender.put(1, 100)
    assert max(entry[4] for entry in send_all(sender, 402)) == 64000


def received(packets):
    """The digits in event packets of (event, end, duration, timestamp)."""
    receiver = dtmf.Receiver()
    for event, end, duration, timestamp in packets:
        payload = bytes((0, event, 0x80 * end | 10, duration >> 8, duration & 0xFF))
        assert receiver.receive(payload, 1, 4, timestamp & 0xFFFFFFFF)
    return digits(receiver)


def digits(receiver):
    text = ""
    while True:
        event = receiver.next()
        if event < 0:
            return text
        text += dtmf.DIGITS[event]


WHOLE = [(7, 0, 160, 0), (7, 0, 320, 0), (7, 1, 480, 0), (7, 1, 480, 0), (7, 1, 480, 0)]


def test_a_digit_counts_once_whatever_is_lost():
    for mask in range(1, 32):
        packets = [packet for number, packet in enumerate(WHOLE) if mask >> number & 1]
        assert received(packets) == "7", packets
    assert received(list(reversed(WHOLE))) == "7"


def test_the_same_digit_again():
    again = [(event, end, duration, 2000) for event, end, duration, _ in WHOLE]
    assert received(WHOLE + again) == "77"
    assert received(WHOLE + again + WHOLE) == "77"  # the first, late


def test_all_digits():
    assert received([(event, 0, 160, event * 1000) for event in range(16)]) == "0123456789*#ABCD"
    assert received([(16, 0, 160, 0), (200, 0, 160, 1000)]) == ""  # flash, and what is no digit


def test_a_long_digit_goes_on_in_segments():
    packets = [(3, 0, 65535, number * 65535) for number in range(3)] + [(3, 1, 800, 3 * 65535)]
    assert received(packets) == "3"
    assert received([(3, 1, 65535, 0), (3, 0, 160, 65535)]) == "33"  # the first had ended


def test_several_events_in_a_packet():
    receiver = dtmf.Receiver()
    payload = bytes((1, 0x8A, 0, 160, 1, 0x8A, 0, 160, 2, 0x0A, 0, 160))
    assert receiver.receive(payload, 0, 12, 0xFFFFFF80)
    assert receiver.receive(payload, 0, 12, 0xFFFFFF80)
    assert digits(receiver) == "112"


def test_malformed():
    receiver = dtmf.Receiver()
    for length in (0, 1, 3, 5, 36):
        assert not receiver.receive(bytes(40), 0, length, 0)
    assert digits(receiver) == ""


def test_a_flood_of_digits_is_bounded():
    packets = [(number & 15, 1, 160, number * 1000) for number in range(1000)]
    assert len(received(packets)) == 16


def test_a_gateway_that_moves_the_timestamp_sends_one_digit():
    assert received([(5, n > 5, 160 * (n + 1), 1000 + 160 * n) for n in range(9)]) == "5"


def test_the_same_key_again_is_another_digit():
    first = [(5, n > 3, 160 * min(n + 1, 5), 1000) for n in range(7)]
    assert received(first + [(5, 0, 160, 1000 + 800 + 320)]) == "55"
    assert received(first[:1] + [(5, 0, 160, 1000 + 800 + 320)]) == "55"  # but for one packet all were lost


def test_a_lost_packet_at_the_end_of_a_segment_makes_no_second_digit():
    assert received([(5, 0, 60000, 1000), (5, 0, 800, 1000 + 65535)]) == "5"
