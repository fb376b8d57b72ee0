"""Sockets of IPv6: the same code, with addresses of another kind. Skipped where the machine has no ::1."""

# micropython-heap: 400k: two endpoints and the test live in one process

import asyncio

import compat
from net.media_ports import MediaPorts
from net.resolver import Resolver
from net.signalling import Signalling
from sip.agent.account import Account
from sip.agent.user_agent import UserAgent
from sip.endpoint import Endpoint
from sip.syntax import uri

HOST = "::1"


class Answerer:
    """A core that answers 200 to all."""

    def __init__(self):
        self.requests = []

    def on_request(self, transaction, now):
        self.requests.append(transaction.request)
        transaction.reply(200, now)


class Asker:
    def __init__(self):
        self.responses = []

    def on_response(self, transaction, response, now):
        self.responses.append(response)

    def on_failure(self, transaction, status, now):
        self.responses.append(status)


def options(agent, account, host, port, transport):
    target = uri.parse("sip:[%s]:%d;transport=%s" % (host, port, transport))
    return agent.initial_request(account, "OPTIONS", target)


def test_requests_go_and_answers_come_by_udp_and_tcp():
    async def run():
        sides = []
        for _ in range(2):
            endpoint = Endpoint(compat.urandom, {})
            signalling = Signalling(endpoint, Resolver())
            signalling.open(HOST)
            endpoint.local = {"udp": signalling.address, "tcp": signalling.address}
            sides.append((endpoint, signalling))
        (one, caller), (two, callee) = sides
        agent = UserAgent(one)
        account = Account(uri.parse("sip:201@[::1]"), None)
        two.core = Answerer()
        tasks = [asyncio.create_task(function()) for s in (caller, callee) for _, function in s.tasks()]
        try:
            for transport in ("udp", "tcp"):
                asker = Asker()
                # The spelling of the address is the person's.
                request = options(agent, account, "0:0::1", callee.address[1], transport)
                one.request(request, asker, compat.ticks_ms())
                caller.drain(compat.ticks_ms())
                for _ in range(200):
                    if asker.responses:
                        break
                    await compat.sleep(10)
                assert asker.responses[0].status == 200
                via = asker.responses[0].via
                assert (via.host, via.port) == caller.address and str(via).startswith(
                    "SIP/2.0/%s [::1]:" % transport.upper()
                ), str(via)
            assert one.counters == {} and two.counters == {}
        finally:
            for task in tasks:
                task.cancel()
            await compat.sleep(1)
            caller.close()
            callee.close()

    asyncio.run(run())


def test_voice_goes_and_comes():
    ports = MediaPorts(HOST)
    one, two = ports.open(), ports.open()
    try:
        assert one.connect((HOST, two.port)) and two.connect((HOST, one.port))
        assert not one.connect(("::", 4000)) and not one.connect(("192.0.2.1", 4000))
        assert one.connect((HOST, two.port))
        packet = b"\x80\x08" + bytes(170)
        buffer = bytearray(1500)
        for _ in range(3):
            one.send(packet)
            one.send_rtcp(b"\x80\xc8" + bytes(10))
        for receive, length in ((two.receive_into, 172), (two.receive_rtcp_into, 12)):
            got = [receive(buffer) for _ in range(3)]
            assert got == [length] * 3, got
        assert one.errors == two.errors == 0
    finally:
        one.close()
        two.close()
