import asyncio

import compat
from net.resolver import Resolver, is_literal
from support.check import raises

LITERALS = (
    ("127.0.0.1", True),
    ("255.255.255.255", True),
    ("::1", True),
    ("256.1.1.1", False),
    ("1.2.3", False),
    ("1.2.3.4.5", False),
    ("", False),
    ("pbx.example.com", False),
    ("1.2.3.x", False),
)


def test_what_needs_no_asking():
    for host, literal in LITERALS:
        assert is_literal(host) == literal, host


def test_a_literal_address_is_known_at_once():
    assert compat.host_and_port(Resolver().known("127.0.0.1", 5060, 0)) == ("127.0.0.1", 5060)


def test_answers_are_kept_and_asked_for_once():
    asked = []

    async def lookup(host, port):
        asked.append(host)
        await compat.sleep(1)
        if host == "nowhere":
            raise OSError("not found")
        return compat.socket_address("127.0.0.1", port)

    async def both(resolver):
        return await asyncio.gather(resolver.resolve("pbx", 5060), resolver.resolve("pbx", 5060))

    async def run():
        resolver = Resolver()
        now = compat.ticks_ms()
        assert resolver.known("pbx", 5060, now) is None
        first, second = await both(resolver)
        assert first == second and asked == ["pbx"]
        assert resolver.known("pbx", 5060, now) == first
        assert resolver.known("pbx", 5060, compat.ticks_add(now, 70000)) is None
        for _ in range(2):
            try:
                await resolver.resolve("nowhere", 1)
                raise AssertionError("resolved")
            except OSError:
                pass
        assert asked == ["pbx", "nowhere"]
        raises(OSError, resolver.known, "nowhere", 1, compat.ticks_ms())
        for number in range(40):
            await resolver.resolve("h%d" % number, 1)
        assert len(resolver._known) <= 16

    original, compat.lookup = compat.lookup, lookup
    try:
        asyncio.run(run())
    finally:
        compat.lookup = original
