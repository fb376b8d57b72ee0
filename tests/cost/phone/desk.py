"""A whole phone (app.phone.life on the simulated board's drivers) in virtual time, and its peer.

    desk.run(scenario)      scenario: a coroutine function, given a Desk

`Desk.heap()` counts the heap from the point where the stand-ins for a chip's C modules are loaded, and none
of the firmware. The peer is in the same process.
"""

import gc
import machine
import network  # noqa: F401
import select  # noqa: F401
import socket  # noqa: F401
import time

from cost.phone import peer

for number in range(49):
    machine.Pin(number)
gc.collect()
_BEFORE = gc.mem_alloc()

HANDSET = 18

# Whether garbage is collected as often as on a chip without PSRAM: each count then includes collections.
SMALL_HEAP = True

_CONFIGURATION = b"""{"lines": [{"aor": "sip:201@example.com", "password": "secret", "display_name": "Lobby",
 "registrar": "sip:192.0.2.100:5060", "proxy": "sip:192.0.2.100:5060;lr"}],
 "network": {"sip_port": 5060, "rtp_port_min": 4000, "rtp_port_max": 4098}}"""


class Desk:
    """The `phone`, its `peer`, and a person's actions."""

    def __init__(self):
        import board
        import compat
        from app.phone import life

        if SMALL_HEAP:
            compat.keep_heap_whole()
        compat.urandom = Dice(1).octets
        hardware = board.create()
        del board  # as `main` of app.phone does
        compat.forget("board")
        compat.forget("boards.common")
        hardware.storage = Flash()
        self.peer = peer.Peer()
        self.phone = None
        self.problems = []
        self.life = life(hardware)
        self.life.started.append(self._on_phone)

    def _on_phone(self, phone):
        self.phone = phone
        phone.log.sinks.append(self._on_log)

    def _on_log(self, level, text):
        if level == "error":
            self.problems.append(text)
            print("phone:", text)

    async def pass_ms(self, ms):
        """Let the phone live for `ms`, with sound while there is any."""
        import asyncio

        while ms > 0:
            await asyncio.sleep_ms(20)
            machine.I2S.pass_frame()
            ms -= 20

    async def until(self, condition, ms=10_000):
        """Let time pass until `condition()` is true; AssertionError after `ms`."""
        while not condition():
            assert ms > 0, "not in time"
            await self.pass_ms(20)
            ms -= 20

    async def registered(self):
        await self.until(lambda: self.phone and self.phone.lines[0].state == "registered")

    def lift(self, lifted):
        """Lift the handset, or put it down."""
        machine.levels[HANDSET] = 0 if lifted else 1

    @property
    def call_state(self):
        return self.phone.calls[0].state if self.phone.calls else None

    async def take_call(self):
        """Let the peer call; answer by lifting the handset."""
        self.peer.call()
        await self.until(lambda: self.call_state == "ringing")
        self.lift(True)
        await self.until(lambda: self.call_state == "active")

    async def end_call(self):
        """Let the peer hang up; return to the idle screen."""
        self.peer.hang_up()
        await self.until(lambda: self.call_state in ("ended", None))
        self.lift(False)
        await self.until(lambda: self.call_state is None)

    def heap(self):
        """Bytes of heap that the phone holds."""
        return heap()


def heap():
    """Bytes of heap that the firmware holds."""
    gc.collect()
    return gc.mem_alloc() - _BEFORE


class Flash:
    """Storage that takes no heap and keeps nothing."""

    def read(self, name):
        return _CONFIGURATION if name == "phone.json" else None

    def names(self):
        return ["phone.json"]

    def write(self, name, *pieces):
        pass


class Dice:
    """Pseudo-random bytes, the same in every run."""

    def __init__(self, seed):
        self._state = seed

    def octets(self, length):
        result = bytearray(length)
        for index in range(length):
            self._state = (self._state * 1103 + 12345) & 0xFFFFF
            result[index] = self._state >> 8 & 0xFF
        return bytes(result)


def count(function, *arguments):
    """The instructions of a function call, without a garbage collection."""
    gc.collect()
    begin = time.ticks_cpu()
    function(*arguments)
    return time.ticks_diff(time.ticks_cpu(), begin)


def run(scenario):
    import asyncio

    async def whole():
        desk = Desk()
        asyncio.create_task(desk.life.run())  # noqa: RUF006 - it runs until this process ends
        await desk.registered()
        await scenario(desk)
        assert not desk.problems and not desk.phone.supervisor.faults, "the phone met errors"

    asyncio.run(whole())
