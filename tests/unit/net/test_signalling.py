"""Two endpoints of a made-up protocol, joined through real sockets on the loopback interface."""

import asyncio

import compat
from net.resolver import Resolver
from net.signalling import Signalling
from sip.events import REFUSED


class Endpoint:
    """Answers "ping" with "pong"; keeps what it hears."""

    def __init__(self):
        self.troubles = []
        self.heard, self.out, self.errors, self.closed, self.due = [], [], [], [], None

    def receive(self, data, source, transport, now):
        if data == b"bug":
            raise ValueError("a bug")
        self.heard.append((bytes(data), source, transport))
        if data == b"ping":
            self.out.append((b"pong", source, transport))

    def to_send(self, now):
        return self.out.pop(0) if self.out else None

    def deadline(self):
        return self.due

    def handle_timer(self, now):
        self.due = None
        self.out.append((b"late", self.late_to, "udp"))

    def connection_closed(self, source, now, trouble=""):
        self.closed.append(source)

    def transport_error(self, destination, transport, now, trouble=""):
        self.troubles.append(trouble)
        self.errors.append((destination, transport))


async def until(condition):
    for _ in range(300):
        if condition():
            return
        await compat.sleep(5)
    raise AssertionError("did not happen in time")


def joined(scenario):
    """Run `scenario(one, two)` with two open Signallings."""

    async def run():
        faults = []
        both = [Signalling(Endpoint(), Resolver(), fault=lambda *what: faults.append(what)) for _ in range(2)]
        tasks = []
        for signalling in both:
            signalling.faults = faults
            signalling.open("127.0.0.1", 0, most_connections=3)
            tasks += [asyncio.create_task(function()) for _, function in signalling.tasks()]
        try:
            await scenario(both[0], both[1])
        finally:
            for task in tasks:
                task.cancel()
            await compat.sleep(1)
            for signalling in both:
                signalling.close()

    asyncio.run(run())


def say(signalling, data, destination, transport):
    signalling.endpoint.out.append((data, destination, transport))
    signalling.drain(compat.ticks_ms())


def test_ping_and_pong_over_both_transports():
    async def scenario(one, two):
        seen = []
        one.observers.append(lambda sent, data, peer, transport: seen.append((sent, data, transport)))
        for transport in ("udp", "tcp"):
            say(one, b"ping", two.address, transport)
            await until(lambda: one.endpoint.heard)
            assert one.endpoint.heard == [(b"pong", two.address, transport)]
            assert seen == [(True, b"ping", transport), (False, b"pong", transport)]
            one.endpoint.heard.clear()
            seen.clear()
        assert two.endpoint.heard[0] == (b"ping", one.address, "udp")
        assert two.endpoint.heard[1][1][0] == "127.0.0.1"

    joined(scenario)


def test_a_second_message_takes_the_same_connection():
    async def scenario(one, two):
        for _ in range(2):
            say(one, b"ping", two.address, "tcp")
            await until(lambda: one.endpoint.heard)
            one.endpoint.heard.clear()
        sources = [source for _, source, _ in two.endpoint.heard]
        assert sources[0] == sources[1]

    joined(scenario)


def test_names_are_resolved_and_unknown_ones_are_errors():
    async def scenario(one, two):
        say(one, b"ping", ("localhost", two.address[1]), "udp")
        await until(lambda: one.endpoint.heard)
        say(one, b"ping", ("no-such-host.invalid", 5060), "udp")
        await until(lambda: one.endpoint.errors)
        assert one.endpoint.errors == [(("no-such-host.invalid", 5060), "udp")]
        say(one, b"ping", ("no-such-host.invalid", 5060), "udp")
        assert len(one.endpoint.errors) == 2

    joined(scenario)


def test_refused_and_closed_connections_are_told():
    async def scenario(one, two):
        say(one, b"ping", ("127.0.0.1", 9), "tcp")
        await until(lambda: one.endpoint.errors)
        assert one.endpoint.errors == [(("127.0.0.1", 9), "tcp")]
        assert one.endpoint.troubles == [REFUSED]
        say(one, b"ping", two.address, "tcp")
        await until(lambda: one.endpoint.heard)
        peer = two.endpoint.heard[0][1]
        say(two, b"last", peer, "tcp")
        say(two, b"", peer, "tcp")
        await until(lambda: two.address in one.endpoint.closed)
        assert one.endpoint.heard[-1][0] == b"last"
        assert peer in two.endpoint.closed
        assert len(one.endpoint.errors) == 1 and not two.endpoint.errors

    joined(scenario)


def test_why_there_is_no_tls_is_told():
    async def scenario(one, two):
        def make_tls():
            raise OSError("TLS: there is no file ca.pem")

        one.make_tls = make_tls
        say(one, b"ping", two.address + ("pbx.test",), "tls")
        assert one.endpoint.troubles == ["TLS: there is no file ca.pem"]

    joined(scenario)


def test_connections_are_bounded():
    async def scenario(one, two):
        socks = []
        for _ in range(6):
            _, writer = await asyncio.open_connection(two.address[0], two.address[1])
            writer.write(b"x")
            await writer.drain()
            socks.append(writer)
            await compat.sleep(10)
        await until(lambda: len(two.endpoint.heard) == 6)
        # They are all of one host, which may have two of the three (see test_tcp.py).
        assert len(two._tcp) == 2 and len(two.endpoint.closed) == 4
        for writer in socks:
            writer.close()

    joined(scenario)


def test_who_knocks_often_does_not_cut_us_off():
    async def scenario(one, two):
        # `two` has a connection of its own making, which is silent from then on.
        say(two, b"hello", one.address, "tcp")
        await until(lambda: one.endpoint.heard)
        ours = next(iter(two._tcp._connections))
        socks = []
        for number in range(8):
            _, writer = await asyncio.open_connection(two.address[0], two.address[1])
            writer.write(b"x")
            await writer.drain()
            socks.append(writer)
            await until(lambda number=number: len(two.endpoint.heard) == number + 1)
            assert ours in two._tcp._connections and len(two._tcp) <= 3
        for writer in socks:
            writer.close()

    joined(scenario)


def test_a_fault_on_the_way_of_one_datagram_does_not_touch_the_next():
    async def scenario(one, two):
        for transport in ("udp", "tcp"):
            say(one, b"bug", two.address, transport)
            await until(lambda: two.faults)
            assert str(two.faults.pop()[1]) == "a bug"
            say(one, b"ping", two.address, transport)
            await until(lambda: one.endpoint.heard)
            one.endpoint.heard.clear()

    joined(scenario)


def test_a_timer_runs_when_it_is_due():
    async def scenario(one, two):
        one.endpoint.late_to = two.address
        before = compat.ticks_ms()
        one.endpoint.due = compat.ticks_add(before, 60)
        await until(lambda: two.endpoint.heard)
        assert two.endpoint.heard[0][0] == b"late"
        assert compat.ticks_diff(compat.ticks_ms(), before) >= 60

    joined(scenario)
