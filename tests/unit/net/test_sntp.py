"""SNTP against time servers that a test holds: the right one, and those that lie, are silent, or are another."""

import asyncio
import socket

import compat
from net import sntp
from support.check import raises

FLOOR = 1795737600  # 2026-11-27
NOW = FLOOR + 1_000_000
FROM_1900 = 2208988800
ERA = 1 << 32


def packet(question, seconds=NOW, first=0x24, stratum=2, origin=None):
    """An answer of a server to `question`, by which it is `seconds` since 1970."""
    head = bytes([first, stratum]) + bytes(22)
    stamp = ((seconds + FROM_1900) % ERA).to_bytes(4, "big") + bytes(4)
    return head + (question[40:48] if origin is None else origin) + stamp + stamp


def question():
    return sntp.request(lambda length: bytes(range(1, length + 1)))


# What a server says -> the seconds by it, or why it is rejected.
ANSWERS = (
    (packet(question()), NOW),
    (packet(question(), FLOOR), FLOOR),
    (packet(question(), 2085978495), 2085978495),  # 2036-02-07 06:28:15, the last second of its era
    (packet(question(), 2085978497), 2085978497),  # the second after the next, of the next era
    (packet(question(), FLOOR - 1), FLOOR - 1 + ERA),  # is left to services.clock to disbelieve
    (packet(question(), 0), ERA),
    (packet(question(), 2085978496), "does not know"),  # a timestamp of 0 is none
    (packet(question(), first=0xE4), "does not know"),  # not synchronized
    (packet(question(), stratum=0), "does not know"),  # kiss of death
    (packet(question(), stratum=1), NOW),
    (packet(question(), stratum=15), NOW),
    (packet(question(), stratum=16), "does not know"),
    (packet(question(), first=0x23), "no answer"),  # a client
    (packet(question(), first=0x25), "no answer"),  # a broadcast
    (packet(question(), origin=bytes(8)), "no answer"),
    (packet(question(), origin=bytes(range(2, 10))), "no answer"),
    (packet(question())[:47], "no answer"),
    (b"", "no answer"),
    (b"\x24", "no answer"),
    (question(), "no answer"),  # our own, sent back
    (packet(question()) + bytes(20), NOW),
)


def test_what_is_taken_from_an_answer():
    for answer, expected in ANSWERS:
        if isinstance(expected, int):
            assert sntp.seconds_in(answer, question(), FLOOR) == expected, answer
        else:
            assert expected in str(raises(ValueError, sntp.seconds_in, answer, question(), FLOOR)), answer


def test_questions_differ_and_tell_nothing():
    one, other = sntp.request(compat.urandom), sntp.request(compat.urandom)
    assert len(one) == 48 and one[:40] == b"\x23" + bytes(39) == other[:40] and one[40:] != other[40:]


def bound():
    for port in range(41000, 41200):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.bind(compat.socket_address("127.0.0.1", port))
        except OSError:
            sock.close()
            continue
        sock.setblocking(False)
        return sock, port
    raise OSError("no port is free")


def outcome(answer, wait_ms=150):
    """(seconds or the error's text, warnings, questions) of `ask`; `answer(server, other, question, peer)` acts."""

    async def scenario():
        (server, port), (other, _) = bound(), bound()
        warnings, questions = [], []

        async def serve():
            while True:
                try:
                    data, peer = server.recvfrom(100)
                except OSError:
                    await compat.sleep(5)
                    continue
                questions.append(data)
                answer(server, other, data, peer)

        task = asyncio.create_task(serve())
        try:
            return (
                await sntp.ask("127.0.0.1", port, FLOOR, warnings.append, wait_ms),
                warnings,
                len(questions),
            )
        except OSError as error:
            return str(error), warnings, len(questions)
        finally:
            task.cancel()
            server.close()
            other.close()

    return asyncio.run(scenario())


def test_a_server_that_answers():
    assert outcome(lambda server, other, data, peer: server.sendto(packet(data), peer)) == (NOW, [], 1)


def test_a_server_that_is_silent():
    error, warnings, questions = outcome(lambda *_: None, 50)
    assert "does not respond" in error and warnings == [] and questions == 3


def test_an_answer_from_elsewhere_is_ignored_and_told():
    def elsewhere(server, other, data, peer):
        other.sendto(packet(data), peer)

    error, warnings, questions = outcome(elsewhere, 100)
    assert "does not respond" in error and questions == 3
    assert len(warnings) == 3 and warnings[0].endswith("is ignored: 127.0.0.1 was asked"), warnings

    def both(server, other, data, peer):
        other.sendto(packet(data, NOW + 99), peer)
        server.sendto(packet(data), peer)

    assert outcome(both)[0] == NOW


def test_a_forged_answer_is_ignored_and_told_and_the_right_one_counts():
    def both(server, other, data, peer):
        server.sendto(packet(data, NOW + 99, origin=bytes(8)), peer)
        server.sendto(packet(data), peer)

    seconds, warnings, _ = outcome(both)
    assert seconds == NOW and warnings == ["an answer from 127.0.0.1 is ignored: no answer to our question"]


def test_no_way_to_the_server_is_an_error_to_read():
    async def scenario():
        await sntp.ask("256.1.1.1", 123, FLOOR, None, 50)

    raises(OSError, asyncio.run, scenario())
