"""Media ports that know how they are seen from outside, over real sockets: the server is one of the test's."""

# micropython-heap: 300k: the server, two pairs of ports and the test live in one process

import asyncio

import compat
from net.media_ports import MediaPorts
from net.nat import PublicPorts
from net.resolver import Resolver
from net.udp import UdpSocket, free_ports
from sip.stun import answer

HOST = "127.0.0.1"
OUTSIDE = "203.0.113.7"


class Server:
    """Answers as if a NAT gave each port another: that plus `shift`, for RTCP twice as much."""

    def __init__(self, shift=10000):
        for number in free_ports(0, 0):
            try:
                self.socket = UdpSocket(HOST, number)
                break
            except OSError:
                continue
        self.port = number
        self.shift = shift
        self.silent = False
        self.asked = []

    def poll(self):
        while True:
            item = self.socket.receive()
            if item is None:
                return
            data, source = item
            self.asked.append(source)
            if not self.silent:
                outside = (OUTSIDE, source[1] + self.shift * (1 + source[1] % 2))
                self.socket.send(answer(data, outside), compat.socket_address(source[0], source[1]))

    async def serve(self):
        while True:
            self.poll()
            await compat.sleep(5)


def with_server(scenario):
    async def run():
        server = Server()
        ports = PublicPorts(MediaPorts(), (HOST, server.port), Resolver())
        tasks = [asyncio.create_task(server.serve()), asyncio.create_task(ports.run())]
        try:
            await scenario(server, ports)
        finally:
            for task in tasks:
                task.cancel()
            await compat.sleep(1)
            ports.host = "127.0.0.9"  # lets go of the pair that is ready
            server.socket.close()

    asyncio.run(run())


async def until(condition):
    for _ in range(300):
        if condition():
            return
        await compat.sleep(5)
    raise AssertionError("did not happen in time")


def test_a_port_comes_with_the_address_that_others_see():
    async def scenario(server, ports):
        await compat.sleep(60)
        assert server.asked == []  # there is no address of ours yet
        ports.host = HOST
        await until(lambda: ports.ready)
        port = ports.open()
        assert port.public == (OUTSIDE, port.port + 10000)
        assert port.public_rtcp == (OUTSIDE, port.port + 1 + 20000)
        assert (port.host, port.port) == (HOST, server.asked[0][1])
        # The next one gets ready.
        await until(lambda: ports.ready)
        port.close()

    with_server(scenario)


def test_without_an_answer_a_port_is_as_any_other():
    async def scenario(server, ports):
        server.silent = True
        ports.host = HOST
        await until(lambda: server.asked)
        port = ports.open()
        assert port.public is None and port.public_rtcp is None
        assert port.connect((HOST, server.port))
        port.close()

    with_server(scenario)


def test_another_address_of_ours_is_asked_for_anew():
    async def scenario(server, ports):
        ports.host = HOST
        await until(lambda: ports.ready)
        ports.host = "127.0.0.2"
        assert not ports.ready
        await until(lambda: ports.ready)
        port = ports.open()
        assert port.host == "127.0.0.2" and port.public is not None
        port.close()

    with_server(scenario)
