"""All that was agreed is heard by an engine that knows one codec and one number of telephone-events."""

# micropython-heap: 400k: the reference core is bytecode in RAM here

from media import g711
from phone.voice.arrivals import arrivals_of
from sip.call.offer_answer import Media

A, MU = 8, 0


def media(codecs, events=101, receive_events=101):
    formats = tuple(codecs)
    agreed = Media(("192.0.2.2", 4000), None, formats[0][0], formats[0][1], formats[0][2])
    agreed.formats = formats
    agreed.event_payload_type, agreed.receive_event_payload_type = events, receive_events
    return agreed


BOTH = (("PCMU", 0, 0), ("PCMA", 8, 8))


def packet(number, payload, first=0x80, extra=b""):
    return bytearray(bytes((first, number, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7)) + extra + payload)


def adapted(arrivals, octets, room=20):
    buffer = octets + bytearray(b"\x55" * room)
    arrivals.adapt(buffer, len(octets))
    assert bytes(buffer[len(octets) :]) == b"\x55" * room  # what follows the packet is not touched
    return bytes(buffer[: len(octets)])


def test_nothing_is_needed_where_the_engine_knows_all():
    for agreed in (media(BOTH[:1]), media(BOTH[:1], None, None), media(BOTH[1:], 96, 96)):
        assert arrivals_of(agreed) is None
    assert arrivals_of(media(BOTH)) and arrivals_of(media(BOTH[:1], 96, 101))


def test_the_other_law_is_recoded():
    for codecs, law, other in ((BOTH, MU, A), (tuple(reversed(BOTH)), A, MU)):
        arrivals = arrivals_of(media(codecs))
        codes = bytes(range(256))
        heard = adapted(arrivals, packet(other, codes))
        assert heard[1] == law
        linear, wanted = g711.expansion(law), g711.expansion(other)
        for at in range(256):
            assert abs(linear[heard[12 + at]] - wanted[at]) <= max(abs(wanted[at]) // 16, 16), at
        assert adapted(arrivals, packet(law, codes)) == bytes(packet(law, codes))


def test_what_is_no_voice_stays_as_it_is():
    arrivals = arrivals_of(media(BOTH))
    csrcs, extension = b"abcdABCD", b"\xbe\xde\0\1wxyz"
    heard = adapted(arrivals, packet(A | 0x80, b"\xd5\xd5\0\2", 0xB2, csrcs + extension))
    assert heard[1] == MU | 0x80 and heard[12:28] == csrcs + extension
    assert heard[28:30] != b"\xd5\xd5" and heard[30:] == b"\0\2"  # padding
    for octets in (packet(A, b"")[:11], packet(13, b"\1\2"), packet(A, b"", 0xBF), packet(A, b"\xff", 0xA0)):
        adapted(arrivals, octets)


def test_events_come_under_our_number():
    arrivals = arrivals_of(media(BOTH[:1], 96, 101))
    assert adapted(arrivals, packet(101 | 0x80, b"\1\2\3\4"))[1] == 96 | 0x80
    assert adapted(arrivals, packet(96, b"\1\2\3\4"))[1] == 96  # some use their own for both
