"""The voice loop on the system's own sockets; prints what it allocates per frame.

For the unix port: the phone's packets come back to it, so every frame has a packet each way.
"""

import gc
import machine
import time

import usocket
from cost.phone import desk

FRAMES = 50
_HOST = "127.0.0.1"


def looped_back():
    """A UDP socket that is connected to itself."""
    for port in range(20000, 60000, 7):
        address = usocket.getaddrinfo(_HOST, port, usocket.AF_INET, usocket.SOCK_DGRAM)[0][-1]
        looped = usocket.socket(usocket.AF_INET, usocket.SOCK_DGRAM)
        try:
            looped.bind(address)
        except OSError:
            looped.close()
            continue
        looped.connect(address)
        looped.setblocking(False)
        return looped
    raise OSError("no free port")


async def scenario(d):
    await d.take_call()
    call = d.phone.call_control.call
    call.port._rtp, call.port._rtcp = looped_back(), looped_back()
    voice = d.phone.voice._voice
    before = voice.engine.stats()["received"]
    # The first frames allocate what is allocated only once.
    for _ in range(10):
        machine.I2S.pass_frame()
        voice.frame(time.ticks_ms())
        time.sleep_ms(20)
    gc.collect()
    gc.disable()
    held = gc.mem_alloc()
    for _ in range(FRAMES):
        machine.I2S.pass_frame()
        voice.frame(time.ticks_ms())
        time.sleep_ms(20)
    allocated = gc.mem_alloc() - held
    gc.enable()
    stats = voice.engine.stats()
    assert stats["received"] - before >= FRAMES, stats
    print("row voice-loop-octets", -(-allocated // FRAMES))
    await d.end_call()


desk.run(scenario)
