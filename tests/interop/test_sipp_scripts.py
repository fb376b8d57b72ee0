"""SIPp plays scripts of ours against the SIP core on real sockets: what a built-in scenario never says."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from interop.agent import Agent
from interop.peers import Sipp
from interop.sipp_scripts import SCRIPTS

import compat
from sip.call import events
from sip.syntax import uri
from support.mirror import ROOT


def play(tmp_path, name, scene, **settings):
    """Run the script with `scene(agent, peer)` on our side; SIPp must end content, and no call may be left."""
    script, calls_us = SCRIPTS[name]

    async def run():
        async with Agent("201", **settings) as agent:
            target = agent.address if calls_us else None
            options = ("-s", "201", "-recv_timeout", "8000")
            with Sipp(tmp_path / name, "", 1, target, *options, script=script) as peer:
                await scene(agent, peer)
                done = await asyncio.get_running_loop().run_in_executor(None, peer.finish, 15)
                assert done == (1, 0), peer.errors() + peer.log_text()[-1500:]
                assert peer.errors() == ""
            await agent.until(lambda: not agent.user_agent.sessions, "the last call to end")
            assert "internal_errors" not in agent.endpoint.counters

    asyncio.run(run())


async def answer(agent, ring=True):
    """Take the call that comes; its Session once it stands."""
    session = (await agent.event(events.IncomingCall)).session
    if ring:
        agent.act(session.ring)
    agent.act(session.accept, agent.capabilities())
    await agent.event(events.Established, session)
    return session


async def answers(agent, peer):
    await answer(agent)


def test_prack_to_us(tmp_path):
    async def scene(agent, peer):
        session = (await agent.event(events.IncomingCall)).session
        agent.act(session.ring)
        await agent.until(lambda: session._reliable is None, "the PRACK")
        agent.act(session.accept, agent.capabilities())
        await agent.event(events.Established, session)

    play(tmp_path, "prack_uac", scene)


def test_prack_from_us(tmp_path):
    async def scene(agent, peer):
        session = agent.call("sip:service@" + peer.address)
        await agent.event(events.MediaChanged, session)
        await agent.event(events.Established, session)
        agent.act(session.end)

    play(tmp_path, "prack_uas", scene)


def test_update(tmp_path):
    async def scene(agent, peer):
        session = await answer(agent)
        await agent.until(lambda: session.media.held, "the hold")

    play(tmp_path, "update_uac", scene)


def test_session_timer_of_the_peer(tmp_path):
    play(tmp_path, "timer_uac", answers)


def test_session_timer_of_ours(tmp_path):
    async def scene(agent, peer):
        session = agent.call("sip:service@" + peer.address)
        await agent.event(events.Established, session)
        agent.act(session.renegotiation.refresh)
        await agent.until(lambda: not session.renegotiation.pending, "the answer to UPDATE")
        agent.act(session.end)

    play(tmp_path, "timer_uas", scene)


def test_late_offer_of_the_peer(tmp_path):
    play(tmp_path, "late_offer_uac", answers)


def test_late_offer_of_ours(tmp_path):
    async def scene(agent, peer):
        target = uri.parse("sip:service@" + peer.address)
        now = compat.ticks_ms()
        session = agent.user_agent.invite(agent.account, target, agent.capabilities(), now, True)
        agent.act(lambda now: None)
        await agent.event(events.Established, session)
        assert session.media.remote[1] == peer.media_port
        agent.act(session.end)

    play(tmp_path, "late_offer_uas", scene)


def test_two_phones_ring_and_both_answer(tmp_path):
    async def scene(agent, peer):
        session = agent.call("sip:service@" + peer.address)
        await agent.event(events.Established, session)
        assert session.dialog.remote.tag == "b"
        await asyncio.sleep(0.3)
        assert session.state == "established"
        agent.act(session.end)

    play(tmp_path, "fork_uas", scene)


def test_glare(tmp_path):
    async def scene(agent, peer):
        session = await answer(agent)
        agent.act(session.hold)
        await agent.until(lambda: session.media.direction == "sendonly", "the hold after the glare")
        agent.act(session.end)

    play(tmp_path, "glare_uac", scene)


def test_redirection(tmp_path):
    async def scene(agent, peer):
        session = agent.call("sip:service@" + peer.address)
        moved = await agent.event(events.Redirected, session)
        assert [each.user for each in moved.contacts] == ["other"]
        await agent.event(events.Established, session)
        agent.act(session.end)

    play(tmp_path, "redirect_uas", scene)


def test_replaces(tmp_path):
    async def scene(agent, peer):
        first = await answer(agent)

        def second():
            return [event.session for event in agent.seen if isinstance(event, events.IncomingCall)][1:]

        await agent.until(second, "the call that replaces")
        session = second()[0]
        assert session.replaces is first
        agent.act(session.accept, agent.capabilities())
        await agent.event(events.Established, session)
        assert first.state in ("leaving", "ended")

    play(tmp_path, "replaces_uac", scene)


def test_attended_transfer(tmp_path):
    """SIPp sends us to a second SIPp, with the Replaces of a call there."""
    script = SCRIPTS["transfer_target_uas"][0]

    async def run():
        async with Agent("201") as agent:
            with Sipp(tmp_path / "target", "", 1, None, "-recv_timeout", "8000", script=script) as target:
                begins = SCRIPTS["transfer_uac"][0].replace("TARGET", str(target.port))
                with Sipp(tmp_path / "transferor", "", 1, agent.address, "-s", "201", script=begins) as peer:
                    session = await answer(agent)
                    referral = (await agent.event(events.TransferRequested, session)).referral
                    now = compat.ticks_ms()
                    new = referral.accept(agent.capabilities(), now)
                    agent.act(lambda now: None)
                    await agent.event(events.Established, new)
                    done = await asyncio.get_running_loop().run_in_executor(None, peer.finish, 10)
                    assert done == (1, 0), peer.errors() + peer.log_text()[-1500:]
                    agent.act(new.end)
                    done = await asyncio.get_running_loop().run_in_executor(None, target.finish, 10)
                    assert done == (1, 0), target.errors() + target.log_text()[-1500:]
            await agent.until(lambda: not agent.user_agent.sessions, "the last call to end")

    asyncio.run(run())


KILLED = """
import sys, time
sys.path[:0] = {path!r}
from pathlib import Path
from interop.peers import Sipp
with Sipp(Path({folder!r}), "uas", 1) as peer:
    print(peer.process.pid, flush=True)
    time.sleep(60)
"""


def test_a_killed_run_leaves_no_sipp_behind(tmp_path):
    code = KILLED.format(
        path=[str(ROOT / "tests"), str(ROOT / "firmware"), str(ROOT)], folder=str(tmp_path / "uas")
    )
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid = int(run.stdout.readline())
    run.send_signal(signal.SIGKILL)
    run.wait()
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        state = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0]
        if state == "Z":
            return  # dead; whoever adopts it has not looked yet
        time.sleep(0.05)
    raise AssertionError("SIPp outlived its run")
