"""Memory: lets go of call modules after the last call, and collects garbage when nobody can hear the pause.

A collection takes 8 ms on a chip without PSRAM, and tens of milliseconds on a stock image with PSRAM, whose
bytecode is on the heap too. So the phone collects between calls or, while sound is on, when the other side is
silent; never when the ringer has just started. If the heap fills up earlier, MicroPython collects at once.
"""

import compat
from compat import const, ticks_add, ticks_diff

# Packages that only calls need: loaded with the first call, and let go of after the last.
OF_CALLS = ("sip.call", "phone.calls", "net.media", "ui.screens.call")
MODULES_OF_CALLS = ("phone.names", "sip.agent.identity", "sip.syntax.multipart", "sip.syntax.reason")

_RINGS_MS = const(250)  # a ringer that has just started is not interrupted
_EVERY_MS = const(600_000)  # ten minutes make 1.2 MB of garbage in a call, 0.1 MB between calls
_LOOK_MS = const(5000)  # how often a collection that is due looks for a pause


class Memory:
    """`voice` is a phone.sound.Sound."""

    def __init__(self, voice):
        self._voice = voice
        self._busy = False
        self._due = None  # tick of the next collection

    def poll(self, now: int, busy: bool) -> None:
        """`busy`: there is a call, or a session that has not ended."""
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
            # Now, while the heap has large free blocks.
            self._voice.prepare()


def _let_go():
    for package in OF_CALLS:
        compat.forget_package(package)
    for module in MODULES_OF_CALLS:
        compat.forget(module)
