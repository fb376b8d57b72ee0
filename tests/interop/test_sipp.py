"""SIPp's built-in caller and callee against our SIP core: 200 calls each, none may fail."""

import asyncio

import pytest
from interop.agent import Agent
from interop.peers import Sipp

from sip.call import events

CALLS = 200
BOTH = pytest.mark.parametrize("transport", ["udp", "tcp"])


async def finished(peer, seconds):
    return await asyncio.get_running_loop().run_in_executor(None, peer.finish, seconds)


@BOTH
def test_sipp_calls_us(tmp_path, transport):
    async def scene():
        async with Agent("201", automatic=True) as agent:
            # Twenty calls a second, several of them at once.
            options = ("-r", "20", "-d", "200", "-s", "201")
            with Sipp(tmp_path / "uac", "uac", CALLS, agent.address, *options, transport=transport) as peer:
                assert await finished(peer, 40) == (CALLS, 0), peer.errors()
                assert peer.errors() == ""
            await agent.until(lambda: len(agent.ended) == CALLS, "the last call to end")
            assert not agent.user_agent.sessions
            assert all(event.remote and event.status == 200 for event in agent.ended)

    asyncio.run(scene())


@BOTH
def test_we_call_sipp(tmp_path, transport):
    async def scene():
        async with Agent("201", transport=transport, automatic=True) as agent:
            with Sipp(tmp_path / "uas", "uas", CALLS, transport=transport) as peer:
                target = "sip:service@" + peer.address + (";transport=tcp" if transport == "tcp" else "")
                for _ in range(CALLS):
                    agent.call(target)
                    await asyncio.sleep(0.02)
                await agent.until(lambda: len(agent.ended) == CALLS, "the last call to end", 30)
                established = [event for event in agent.seen if isinstance(event, events.Established)]
                assert len(established) == CALLS
                assert await finished(peer, 20) == (CALLS, 0), peer.errors()
                assert peer.errors() == ""

    asyncio.run(scene())
