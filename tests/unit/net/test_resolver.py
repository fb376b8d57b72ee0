import asyncio

import compat
from net.resolver import Resolver, is_literal
from support.check import raises
from support.dns_server import DnsServer, a, srv

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
    ("1.2.3.\u00b2", False),
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

    original, compat.resolve = compat.resolve, lookup
    try:
        asyncio.run(run())
    finally:
        compat.resolve = original


def test_a_server_is_asked_from_ports_that_nobody_guesses():
    async def run():
        server = DnsServer(
            {("p%d.example" % n, 1): [a("p%d.example" % n, "192.0.2.%d" % n)] for n in range(4)}
        )
        task = asyncio.create_task(server.serve())
        resolver = Resolver([server.address])
        answered = []
        resolver.on_answer = answered.append
        for n in range(4):
            assert resolver.lookup("p%d.example" % n, 1, compat.ticks_ms()) is None
        for _ in range(200):
            if len(answered) == 4:
                break
            await compat.sleep(5)
        assert [resolver.lookup("p%d.example" % n, 1, compat.ticks_ms()) for n in range(4)] == [
            ["192.0.2.%d" % n] for n in range(4)
        ]
        ports = [port for _, port in server.sources]
        assert len(set(ports)) == 4 and sorted(ports) != list(range(min(ports), min(ports) + 4))
        await compat.sleep(30)
        assert not resolver._sockets and resolver._pump.done()
        task.cancel()
        server.close()

    asyncio.run(run())


def test_an_answer_too_long_for_a_datagram_comes_over_tcp():
    async def run():
        name = "_sip._udp.example"
        server = DnsServer(
            {(name, 33): [srv(name, 1, 1, port, "p%d.example" % port) for port in range(5060, 5080)]}
        )
        server.most = 512
        task = asyncio.create_task(server.serve())
        for listens, count in ((False, 1), (True, 20)):
            if listens:
                server.listen()
            resolver = Resolver([server.address])
            answered = []
            resolver.on_answer = answered.append
            assert resolver.lookup(name, 33, compat.ticks_ms()) is None
            for _ in range(300):
                if answered:
                    break
                await compat.sleep(5)
            assert len(resolver.lookup(name, 33, compat.ticks_ms())) == count
            await compat.sleep(30)
            assert not resolver._sockets
        assert server.streamed == 1
        task.cancel()
        server.close()

    asyncio.run(run())


def test_a_server_that_is_not_there_gives_way_to_the_next():
    async def run():
        server = DnsServer({("_sip._udp.example", 33): [srv("_sip._udp.example", 1, 1, 5080, "p.example")]})
        task = asyncio.create_task(server.serve())
        resolver = Resolver([("127.0.0.1", 9), server.address])
        answered = []
        resolver.on_answer = answered.append
        before = compat.ticks_ms()
        resolver.lookup("_sip._udp.example", 33, before)
        for _ in range(100):
            if answered:
                break
            await compat.sleep(5)
        assert resolver.lookup("_sip._udp.example", 33, compat.ticks_ms()) == [(1, 1, 5080, "p.example")]
        assert compat.ticks_diff(compat.ticks_ms(), before) < 900
        task.cancel()
        server.close()

    asyncio.run(run())


def test_without_a_server_the_system_is_asked_for_addresses_only():
    async def run():
        resolver = Resolver()
        answered = []
        resolver.on_answer = answered.append
        now = compat.ticks_ms()
        assert resolver.lookup("example.com", 33, now) == [] and resolver.lookup("example.com", 35, now) == []
        assert resolver.lookup("localhost", 1, now) is None
        for _ in range(100):
            if answered:
                break
            await compat.sleep(5)
        assert resolver.lookup("localhost", 1, compat.ticks_ms()) == ["127.0.0.1"]

    asyncio.run(run())


def test_an_address_of_last_week_is_asked_for_again():
    resolver = Resolver()
    resolver._keep(("pbx", 5060), compat.socket_address("192.0.2.1", 5060), 60_000)
    now = compat.ticks_ms()
    assert resolver.known("pbx", 5060, now) is not None
    for days in range(1, 13):  # ticks wrap after 12.4
        now = compat.ticks_add(now, 86_400_000)
        assert resolver.known("pbx", 5060, now) is None, days
