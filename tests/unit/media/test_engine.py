"""The engine from outside: a frame in, a packet out, and what a person and a peer can do to it."""

from array import array
from binascii import crc32

from media.engine import Engine
from support.check import raises


def opened(**named):
    engine = Engine(native=False)
    parameters = {"event_payload_type": 101, "ssrc": 7, "sequence": 65535, "timestamp": 0xFFFFFFF0}
    parameters.update(named)
    engine.open("PCMU", 0, **parameters)
    return engine


def frame(value=0):
    return array("h", [value] * 160)


def sent(engine, now=0, value=1000):
    packet = engine.transmit(frame(value), now)
    return bytes(packet) if packet is not None else None


def played(engine):
    out = frame(1)
    engine.playout(out)
    return out


def test_a_frame_becomes_a_packet():
    engine = opened()
    first, second = sent(engine), sent(engine)
    assert first[:12] == bytes((0x80, 0x80, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xF0, 0, 0, 0, 7))
    assert second[:12] == bytes((0x80, 0, 0, 0, 0, 0, 0, 0x90, 0, 0, 0, 7))
    assert len(first) == 172 and first[12:] == bytes((0xCE,)) * 160


def test_a_packet_becomes_a_frame():
    sender, receiver = opened(ssrc=1), opened(ssrc=2, depth_ms=40)
    for number in range(10):
        packet = sent(sender, value=1000)
        assert receiver.receive(packet, len(packet), number * 20)
        out = played(receiver)
        # µ-law has 988 next to 1000
        assert list(out) == [988 if number >= 2 else 0] * 160, number
    stats = receiver.stats()
    assert (stats["received"], stats["lost"], stats["concealed"], stats["jitter_ms"]) == (10, 0, 0, 0)


def test_a_lost_packet_is_concealed_and_counted():
    sender, receiver = opened(), opened(ssrc=2, depth_ms=20)
    for number in range(20):
        packet = sent(sender)
        if number != 10:
            receiver.receive(packet, len(packet), number * 20)
        out = played(receiver)
        if number > 1:
            assert min(out) > 780, number  # a frame that is made up has begun to fade
    stats = receiver.stats()
    assert (stats["received"], stats["lost"], stats["concealed"], stats["late"]) == (19, 1, 1, 0)


def test_the_end_of_a_stream_is_not_a_loss():
    sender, receiver = opened(), opened(ssrc=2)
    for number in range(10):
        packet = sent(sender)
        receiver.receive(packet, len(packet), number * 20)
        played(receiver)
    for _ in range(100):
        played(receiver)
    assert list(played(receiver)) == [0] * 160
    assert receiver.stats()["concealed"] == 0


def test_mute_and_hold():
    engine = opened()
    engine.mute(True)
    assert sent(engine)[12:] == b"\xff" * 160
    engine.mute(False)
    assert sent(engine)[12:] != b"\xff" * 160
    engine.hold(True, False)
    assert sent(engine) is None
    engine.hold(False, False)
    packet = sent(engine)
    assert packet[1] == 0x80 and packet[3] == 1  # marked, and its sequence goes on
    assert packet[7] == (0xF0 + 3 * 160) & 0xFF  # as does time


def test_hold_of_receiving_is_silence():
    sender, receiver = opened(), opened(ssrc=2, depth_ms=20)
    for number in range(10):
        packet = sent(sender)
        receiver.receive(packet, len(packet), number * 20)
        receiver.hold(False, number > 4)
        assert any(played(receiver)) == (0 < number <= 4), number


def test_what_a_peer_does_not_send_on_hold_is_not_lost():
    for skipped in (0, 5, 200, 2000, 30000):
        sender, receiver = opened(), opened(ssrc=2, depth_ms=20)
        for number in range(60):
            if number in (20, 40):
                receiver.hold(True, number == 20)
            packet = bytearray(sent(sender))
            sequence = (packet[2] << 8 | packet[3]) + (skipped if number >= 40 else 0)
            packet[2:4] = bytes([sequence >> 8 & 255, sequence & 255])
            if number < 20 or number >= 40 and number != 50:
                receiver.receive(packet, len(packet), number * 20)
            played(receiver)
        stats = receiver.stats()
        assert (stats["received"], stats["lost"], stats["invalid"]) == (39, 1, 0), (skipped, stats)


def test_digits_as_events():
    sender, receiver = opened(), opened(ssrc=2)
    for digit in "12#a":
        assert sender.send_digit(digit, 100)
    heard = ""
    for number in range(60):
        packet = sent(sender)
        assert packet[1] & 0x7F == (101 if len(packet) == 16 else 0)
        receiver.receive(packet, len(packet), number * 20)
        played(receiver)
        heard += receiver.digits()
    assert heard == "12#A"
    stats = receiver.stats()
    assert (stats["lost"], stats["concealed"]) == (0, 0)


def test_digits_as_tones_where_the_peer_takes_no_events():
    engine = opened(event_payload_type=None)
    engine.send_digit("5", 60)
    loud = [len(set(sent(engine, value=0)[12:])) > 10 for _ in range(6)]
    assert loud == [True, True, True, False, False, False]


def test_digits_that_are_none():
    engine = opened()
    for digit in ("", "12", "x", " "):
        raises(ValueError, engine.send_digit, digit)
    for _ in range(16):
        assert engine.send_digit("1")
    assert not engine.send_digit("1")


def test_tones_need_no_stream():
    engine = Engine(native=False)
    assert sent(engine) is None
    assert not any(played(engine))
    engine.tone("dial")
    assert max(played(engine)) > 5000
    engine.tone("busy", "us")
    engine.tone(None)
    assert not any(played(engine))
    engine.key_tone("5")
    assert any(played(engine))
    raises(KeyError, engine.tone, "nonsense")


def test_volume():
    engine = Engine(native=False)
    peaks = []
    for percent in (100, 50, 10, 0):
        engine.volume(percent)
        engine.tone("dial")
        played(engine)
        peaks.append(max(played(engine)))
    assert peaks[0] > 5900 and 590 < peaks[1] < 610 and 90 < peaks[2] < 100 and peaks[3] == 0


def test_levels():
    engine = opened()
    assert engine.levels() == (0, 0)
    sent(engine, value=5000)
    engine.tone("dial")
    played(engine)
    played(engine)
    microphone, earpiece = engine.levels()
    assert abs(microphone - 5000) < 20
    assert abs(earpiece - 6000 / 1.414) < 100


def test_microphone_gain():
    engine = opened()
    engine.microphone(2)
    sent(engine, value=1000)
    assert abs(engine.levels()[0] - 4000) < 20


def test_captured_32_bits_are_left_justified():
    engine = opened(capture_bits=32)
    packet = bytes(engine.transmit(array("i", [1000 * 65536 + 77] * 160), 0))
    assert packet[12:] == bytes((0xCE,)) * 160


def test_update_keeps_the_stream():
    engine = opened()
    sent(engine)
    engine.update("PCMA", 8)
    packet = sent(engine)
    assert packet[1] == 8 and packet[3] == 0 and packet[11] == 7
    engine.send_digit("1", 40)
    assert len(sent(engine)) == 172  # no events any more


def test_hostile_packets_are_counted():
    engine = opened()
    for first, rest in (
        (b"", b""),
        (b"\x80", b""),
        (b"\x00", bytes(199)),
        (b"\x8f", bytes(60)),
        (b"\x80\x63", bytes(50)),
        (b"\xb0\x00", b"\xff" * 300),
    ):
        assert not engine.receive(first + rest, len(first + rest), 0)
    assert engine.stats()["invalid"] == 6
    assert not any(played(engine))


def test_closed():
    engine = opened()
    packet = sent(engine)
    engine.rtcp(0)
    engine.close()
    assert sent(engine) is None
    assert not engine.receive(packet, len(packet), 0)
    assert not engine.send_digit("1")
    assert engine.stats()["sent"] == 1
    bye = bytes(engine.rtcp(20))
    assert bye[-8:] == bytes((0x81, 203, 0, 1, 0, 0, 0, 7))
    assert engine.rtcp(10000) is None


def test_rtcp_between_two():
    one, two = opened(ssrc=1, cname="one"), opened(ssrc=2, cname="two")
    for number in range(600):
        now = number * 20
        for sender, receiver in ((one, two), (two, one)):
            packet = sent(sender, now)
            receiver.receive(packet, len(packet), now + 30)
            report = sender.rtcp(now)
            if report is not None:
                assert receiver.receive_rtcp(bytes(report), len(report), now + 30)
    for engine in (one, two):
        stats = engine.stats()
        assert stats["remote_lost"] == 0 and stats["remote_jitter_ms"] == 0
        # 30 ms there, 30 ms back
        assert 55 <= stats["round_trip_ms"] <= 65


def test_misuse():
    engine = opened()
    for arguments in (("OPUS", 0), ("PCMU", 128), ("PCMU", -1), ("PCMU", 0, 200), ("PCMU", 0, 0, 128)):
        raises(ValueError, engine.open, *arguments)
        raises(ValueError, engine.update, *arguments)
    raises(ValueError, engine.wire, 44100)
    raises(ValueError, engine.wire, 8000, 24)
    raises(ValueError, engine.transmit, array("h", [0] * 100), 0)
    raises(ValueError, engine.playout, array("h", [0] * 100))
    raises(ValueError, engine.receive, b"short", 100, 0)


def test_a_call_is_undisturbed_by_what_others_send():
    seed = 1
    outputs = []
    for disturbed in (False, True):
        sender, receiver = opened(ssrc=9), opened(ssrc=2)
        heard = []
        for number in range(30):
            now = number * 20
            packet = sent(sender, now, value=number * 300)
            receiver.receive(packet, len(packet), now)
            if disturbed:
                for _ in range(3):
                    seed = (seed * 69069 + 12345) & 0x3FFFFFFF
                    # Not our peer's SSRC, or no RTP, or a type that nobody agreed on.
                    other = (
                        bytes((0x80, 0, 0, seed & 1))
                        + packet[4:11]
                        + bytes((seed >> 8 & 0x7F | 0x80,))
                        + packet[12:]
                    )
                    junk = bytes([seed >> (index % 20) & 0xFF for index in range(seed >> 12 & 63)])
                    other_type = packet[:1] + bytes((99,)) + packet[2:]
                    for data in (other, b"\x00" + junk, other_type):
                        assert not receiver.receive(data, len(data), now)
                        assert not receiver.receive_rtcp(data, len(data), now)
            heard.append(crc32(bytes(played(receiver))))
        outputs.append(heard)
    assert outputs[0] == outputs[1]
