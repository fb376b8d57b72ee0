"""The whole voice path on MicroPython, with the native core: Voice.frame under a locked heap, and counted.

`micropython voice_path.py RATE FRAMES [recv | srtp | g722]`: the sound driver over the models of both I2S buses, the engine, and two
port pairs on the loopback interface; the other pair sends back what it hears, once also as a flood.
Prints how many packets went, how many came, and by how many octets the heap grew. RTCP allocates, but rarely:
when its clock starts, with the first frame, and for a report, so this takes less than a second.
"""

import gc
import sys
from micropython import heap_lock, heap_unlock
from time import sleep_ms

import compat
from hal.sim.clock import VirtualClock
from hal.sim.world import World
from media.engine import Engine
from media.protection import Protection
from net.media_ports import MediaPorts
from phone.voice.voice import Voice


class Media:
    codec = "PCMU"
    payload_type = receive_payload_type = 0
    event_payload_type = receive_event_payload_type = 101
    formats = (("PCMU", 0, 0),)
    comfort_noise = False
    direction = "sendrecv"
    held = False
    remote_rtcp = None

    def __init__(self, port, wide):
        if wide:
            self.codec, self.payload_type, self.receive_payload_type = "G722", 9, 9
            self.formats = (("G722", 9, 9), ("PCMU", 0, 0))
        self.remote = (port.host, port.port)


def encrypt(*ports):
    """Both ends of the call use SRTP, in C."""
    keys = [bytes(range(30)), bytes(range(30, 60))]
    for port in ports:
        port.protection = Protection(True)
        port.protection.agree("AES_CM_128_HMAC_SHA1_80", keys[0], [(keys[1], b"", 0)])
        keys.reverse()


def main(rate, frames, more):
    clock = VirtualClock()
    world = World(clock)
    import board

    codec = board.create().codec
    codec.rates = (rate,)
    ports = MediaPorts("127.0.0.1")
    port, peer = ports.open(), ports.open()
    peer.connect((port.host, port.port))
    voice = Voice(codec, Engine(native=True), compat.urandom)
    if "srtp" in more:
        encrypt(port, peer)
    voice.start("handset")
    voice.open(port, Media(peer, "g722" in more))
    buffer = bytearray(1500)
    sent = received = kept = done = 0
    now = clock.now()
    gc.disable()
    while done < frames:
        world.run(5)
        sleep_ms(0)
        gc.collect()
        before = gc.mem_alloc()
        if done:
            heap_lock()
        try:
            voice.frame(now)
        finally:
            if done:
                heap_unlock()
        kept += gc.mem_alloc() - before if done else 0
        now = compat.ticks_add(now, 5)
        done = voice.engine.stats()["sent"]
        while True:
            length = peer.receive_into(buffer)
            if not length:
                break
            sent += 1
            for _ in range(15 if sent == 10 else 1):
                peer.send(memoryview(buffer)[:length])
    received = voice.engine.stats()["received"]
    print(sent, received, kept, port.errors)


if sys.argv[3:] == ["recv"]:
    compat.receive_into = compat._receive_into
main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
