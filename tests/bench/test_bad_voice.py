"""Bad RTP and RTCP on the wire, from the call's own peer: its good packets are heard all the same."""

import array
import asyncio
import math
import random
import socket
import struct

from interop import sound
from interop.agent import Agent
from interop.peers import HOST, free_ports

import compat
from media import g711
from sip.call import events
from sip.call.offer_answer import Capabilities
from sip.syntax import uri
from tools.lib.bench_client import Phone

HZ = 1000
CONFIG = {
    "lines": [{"aor": "sip:201@127.0.0.1", "register": False}],
    "network": {"sip_port": 0, "rtp_port_min": 0, "rtp_port_max": 0},
    "audio": {"volume": 100},
}


def good(number):
    """The packet of that number, of a tone in PCMU."""
    samples = array.array(
        "h", [int(8000 * math.sin(2 * math.pi * HZ * (160 * number + at) / 8000)) for at in range(160)]
    )
    payload = bytearray(160)
    g711.compress(payload, 0, samples, 0)
    return struct.pack(">BBHII", 0x80, 0, number & 0xFFFF, 160 * number, 7) + payload


def bad(dice, number):
    """Something that is no packet, or lies about what it is."""
    header = good(number)[:12]
    return dice.choice(
        (
            dice.randbytes(dice.randrange(200)),
            b"",
            header[: dice.randrange(12)],
            b"\x00" + header[1:] + bytes(160),  # version 0
            b"\x8f" + header[1:],  # fifteen sources and none there
            b"\x90" + header[1:] + b"\xbe\xde\xff\xff",  # an extension of 256 KB
            b"\xa0" + header[1:] + bytes(159) + b"\xff",  # more padding than packet
            header[:1] + b"\x7f" + header[2:] + bytes(160),  # a payload type that nobody agreed on
            header[:1] + b"\x65" + header[2:] + b"\xff\xff",  # half an event
            good(number)[:12] + dice.randbytes(1400),  # eight times too long
            dice.randbytes(1472),
        )
    )


def bad_report(dice):
    return dice.choice(
        (
            dice.randbytes(dice.randrange(120)),
            b"\x80\xc8\xff\xff" + bytes(24),
            b"\x81\xc9\x00\x01" + bytes(4),
            b"\x9f\xca\x00\x02" + dice.randbytes(8),
            b"\x80\xc8\x00\x06" + dice.randbytes(24) + b"\x81\xca\x00\x00",
        )
    )


def test_the_good_packets_are_heard_among_the_bad(tmp_path):
    recording = tmp_path / "heard.wav"
    dice = random.Random(11)

    async def scene():
        port = free_ports(2) & ~1
        voice = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        reports = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        voice.bind((HOST, port))
        reports.bind((HOST, port + 1))
        loop = asyncio.get_running_loop()

        def wait(*what, **fields):
            return loop.run_in_executor(None, lambda: phone.wait(*what, **fields))

        with voice, reports, Phone("201", CONFIG) as phone:
            address = (await wait("ready"))["sip"]
            async with Agent("202") as agent:
                now = compat.ticks_ms()
                session = agent.user_agent.invite(
                    agent.account, uri.parse("sip:201@" + address), Capabilities(HOST, port, ("PCMU",)), now
                )
                agent.act(lambda now: None)
                await wait("call", state="ringing")
                phone.do("hook", state="off")
                await agent.event(events.Established, session)
                await wait("call", state="active")
                remote = session.media.remote
                phone.do("record", wav=str(recording))
                begin = loop.time()
                for number in range(150):
                    voice.sendto(good(number), remote)
                    for _ in range(3):
                        voice.sendto(bad(dice, number), remote)
                    reports.sendto(bad_report(dice), (remote[0], remote[1] + 1))
                    await asyncio.sleep(max(0, begin + 0.02 * (number + 1) - loop.time()))
                phone.do("record", wav=None)
                agent.act(session.end)
                ended = await wait("call", state="ended")
                await agent.until(lambda: not agent.user_agent.sessions, "the end")
                assert ended["stats"]["received"] >= 140, ended
            assert phone.quit() == 0

    asyncio.run(scene())
    samples, rate = sound.read(recording)
    assert sound.seconds_of(samples, rate, HZ) > 1.5
