"""Memory: what only calls need comes and goes with them, and garbage is collected when nobody hears it.

A collection takes 8 ms on a chip without PSRAM, and tens of milliseconds on a stock image with PSRAM, whose
bytecode is on the heap too. So it is done between calls; while sound is on, in a pause of what is heard; and
not while the bell begins to ring. Where the heap is full before, MicroPython collects automatically.
"""

import compat
from compat import const, ticks_add, ticks_diff

# Packages that only calls need: loaded with the first call, and let go of after the last.
OF_CALLS = ("sip.call", "phone.calls", "net.media", "ui.screens.call")
MODULES_OF_CALLS = ("phone.names", "sip.agent.identity", "sip.syntax.multipart", "sip.syntax.reason")

_RINGS_MS = const(250)  # a bell that has just begun is not disturbed
_EVERY_MS = const(600_000)  # garbage of ten minutes: 1.2 MB in a call, 0.1 MB between calls
_LOOK_MS = const(5000)  # for a pause, when it is time


class Memory:
    """`voice` is a phone.sound.Sound."""

    def __init__(self, voice):
        self._voice = voice
        self._busy = False
        self._due = None  # tick of the next collection

    def poll(self, now: int, busy: bool) -> None:
        """`busy`: there is a call, or something is left of one."""
        if busy != self._busy:
            self._busy = busy
            if busy:
                self._due = ticks_add(now, _RINGS_MS)
            else:
                _let_go()
                self._collect(now)
        elif self._due is None:
            self._due = ticks_add(now, _EVERY_MS)
        elif ticks_diff(now, self._due) < 0:
            return
        elif self._voice.quiet:
            self._collect(now)
        else:
            self._due = ticks_add(now, _LOOK_MS)

    def _collect(self, now):
        self._due = ticks_add(now, _EVERY_MS)
        compat.collect()
        if self._busy:
            # While there is room for it in one piece.
            self._voice.prepare()


def _let_go():
    for package in OF_CALLS:
        compat.forget_package(package)
    for module in MODULES_OF_CALLS:
        compat.forget(module)
