"""Makes the measurements that need a whole phone; prints `row NAME NUMBER` for each.

The rows of the heap are valid on the unix port, those of instructions in RISC-V emulation.
"""

import gc
import machine
import socket
import time

from cost.phone import desk
from cost.phone.talker import Talker

FRAMES = 50


def row(name, number):
    print("row", name, number)


def voice_loop(d):
    """The voice path alone, as its task runs it; every frame has a packet each way."""
    phone = d.phone
    media = phone.call_control.call.session.media
    talker = Talker(phone.call_control.call.port.port, media.receive_payload_type)
    dearest = allocated = 0
    for frame in range(FRAMES):
        now = time.ticks_ms()
        talker.speak()
        gc.collect()
        gc.disable()
        held = gc.mem_alloc()
        begin = time.ticks_cpu()
        machine.I2S.pass_frame()
        phone.voice.frame(now)
        cost = time.ticks_diff(time.ticks_cpu(), begin)
        # The first frames allocate what is allocated only once.
        if frame >= 10:
            allocated += gc.mem_alloc() - held
            dearest = max(dearest, cost)
        gc.enable()
        time.sleep_ms(20)
    row("voice-loop", dearest)
    row("voice-loop-octets", allocated // (FRAMES - 10))


def incoming(d):
    """Measure an incoming INVITE, from its datagram to the 180 and the screen that shows the call."""
    phone = d.phone
    datagram = d.peer.invite()
    address = socket.REMOTE

    def take():
        phone.signalling._receive(datagram, address, "udp")
        assert d.peer.statuses[-1] == 180, d.peer.statuses
        now = time.ticks_ms()
        sent = machine.sent[0]
        while phone.shell.deadline() is not None and time.ticks_diff(phone.shell.deadline(), now) <= 0:
            phone.shell.handle_timer(now)
        assert machine.sent[0] > sent

    gc.collect()
    begin = time.ticks_cpu()
    take()
    row("invite", time.ticks_diff(time.ticks_cpu(), begin))


async def in_the_loop(d):
    """Measure all tasks together, per 20 ms of a call without RTP from the peer."""
    gc.collect()
    begin = time.ticks_cpu()
    await d.pass_ms(FRAMES * 20)
    row("call-20ms", time.ticks_diff(time.ticks_cpu(), begin) // FRAMES)


async def scenario(d):
    # Long enough for the registration's transactions to be over.
    await d.pass_ms(60_000)
    row("heap-idle", d.heap())
    gc.collect()
    begin = time.ticks_cpu()
    await d.pass_ms(FRAMES * 20)
    row("idle-20ms", time.ticks_diff(time.ticks_cpu(), begin) // FRAMES)
    incoming(d)
    await d.pass_ms(1000)
    d.lift(True)
    await d.until(lambda: d.call_state == "active")
    await d.pass_ms(3000)
    row("heap-call", d.heap())
    row("collection", desk.count(gc.collect))
    voice_loop(d)
    await in_the_loop(d)
    row("native", int(not d.phone.voice_trouble()))
    await d.end_call()
    row("heap-after", d.heap())


desk.run(scenario)
