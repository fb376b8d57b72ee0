"""Measures the garbage that the firmware makes in a second, idle and in a call; prints rows.

No collection runs meanwhile, so the heap's growth is the garbage; memory that C frees at once, such as the
frame of a function that returns, does not count. The stand-ins for a chip's C modules make no garbage while
nothing arrives. The garbage of the peer, which stands for the network, is measured and subtracted.
"""

import gc
import machine
import socket

from cost.phone import desk
from cost.phone.talker import Talker

desk.SMALL_HEAP = False

_IDLE_S = 600  # long enough for keep-alives and the clock's minutes
_CALL_S = 60

_peers = [0]


def weigh_peer():
    """From now on `_peers` counts the peer's garbage."""
    hear = socket.peer[0]

    def weighed(data, port):
        before = gc.mem_alloc()
        hear(data, port)
        _peers[0] += gc.mem_alloc() - before

    socket.peer[0] = weighed


async def a_second(talker=None):
    import asyncio

    for _ in range(50):
        await asyncio.sleep_ms(20)
        if talker is not None:
            talker.speak()
        machine.I2S.pass_frame()


async def measure(name, seconds, talker=None):
    gc.collect()
    gc.disable()
    garbage = 0
    for _ in range(seconds):
        before = gc.mem_alloc() - _peers[0]
        await a_second(talker)
        garbage += gc.mem_alloc() - _peers[0] - before
        if gc.mem_free() < 100_000:
            gc.collect()
    gc.enable()
    print("row", name, garbage // seconds)


async def scenario(d):
    weigh_peer()
    await d.pass_ms(60_000)
    await measure("garbage-idle", _IDLE_S)
    await d.take_call()
    call = d.phone.call_control.call
    talker = Talker(call.port.port, call.session.media.receive_payload_type)
    # First let the call allocate what is allocated once: modules, and the screen with its first second.
    for _ in range(3):
        await a_second(talker)
    await measure("garbage-call", _CALL_S, talker)
    stats = d.phone.voice._voice.engine.stats()
    assert stats["received"] > 49 * _CALL_S and not stats["concealed"], stats
    await d.end_call()


desk.run(scenario)
