"""Our SIP core against Kamailio as registrar and proxy."""

import asyncio

import pytest
from interop.agent import Agent
from interop.peers import Kamailio

from sip.call import events

BOTH = pytest.mark.parametrize("transport", ["udp", "tcp"])
ALGORITHMS = pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])


@BOTH
@ALGORITHMS
def test_register_call_and_unregister(tmp_path, transport, algorithm):
    async def scene(server):
        async with (
            Agent("201", server, transport) as caller,
            Agent("202", server, transport, automatic=True) as callee,
        ):
            for agent in (caller, callee):
                registration = await agent.register()
                assert (registration.state, registration.status) == ("registered", 200), registration.reason
                assert len(registration.bindings) == 1
            session = caller.call("202")
            await caller.event(events.Established, session)
            await callee.event(events.Established)
            assert session.media.codec in ("PCMU", "PCMA")
            caller.act(session.end)
            assert (await callee.event(events.Ended)).remote
            await caller.event(events.Ended, session)
            # Unregistered, it is not found any more.
            await callee.shut_down()
            session = caller.call("202")
            assert (await caller.event(events.Ended, session)).status == 404
            await caller.shut_down()
            for agent in (caller, callee):
                assert agent.endpoint.counters == {}

    with Kamailio(tmp_path / "kamailio", algorithm) as server:
        asyncio.run(scene(server.address))
        assert "UNSANE" not in server.log_text()


@ALGORITHMS
def test_a_wrong_password_is_refused_and_not_tried_forever(tmp_path, algorithm):
    async def scene(server):
        async with Agent("201", server, password="wrong") as agent:
            registration = await agent.register()
            assert registration.state == "failed" and registration.status in (401, 403)

    with Kamailio(tmp_path / "kamailio", algorithm) as server:
        asyncio.run(scene(server.address))


@BOTH
def test_the_callee_refuses_and_the_caller_cancels(tmp_path, transport):
    async def scene(server):
        async with Agent("201", server, transport) as caller, Agent("202", server, transport) as callee:
            await caller.register()
            await callee.register()
            session = caller.call("202")
            incoming = (await callee.event(events.IncomingCall)).session
            callee.act(incoming.ring)
            assert (await caller.event(events.Progress, session)).status == 180
            callee.act(incoming.reject, 486)
            assert (await caller.event(events.Ended, session)).status == 486
            await callee.event(events.Ended, incoming)

            callee.seen.clear()
            session = caller.call("202")
            incoming = (await callee.event(events.IncomingCall)).session
            callee.act(incoming.ring)
            await caller.event(events.Progress, session)
            caller.act(session.end)
            await callee.event(events.Ended, incoming)
            assert (await caller.event(events.Ended, session)).status == 487

    with Kamailio(tmp_path / "kamailio") as server:
        asyncio.run(scene(server.address))


def test_a_second_request_needs_no_second_challenge(tmp_path):
    async def scene(server):
        async with Agent("201", server) as caller, Agent("202", server, automatic=True) as callee:
            await caller.register()
            await callee.register()
            for _ in range(20):
                session = caller.call("202")
                await caller.event(events.Established, session)
                caller.act(session.end)
                await caller.event(events.Ended, session)
            # The nonce count goes on through them all, and Kamailio watches it.
            assert [event.status for event in caller.ended] == [200] * 20

    with Kamailio(tmp_path / "kamailio") as server:
        asyncio.run(scene(server.address))
