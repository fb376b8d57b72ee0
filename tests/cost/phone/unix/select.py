"""Stand-in for `select` on the unix port: only the passing of time makes an object ready."""

import time

POLLIN = 1
POLLOUT = 4
_POLL = 3  # the stream protocol's request number


class poll:
    def __init__(self):
        self._entries = []

    def register(self, stream, flags):
        self.unregister(stream)
        self._entries.append([stream, flags])

    def modify(self, stream, flags):
        for entry in self._entries:
            if entry[0] is stream:
                entry[1] = flags

    def unregister(self, stream):
        self._entries = [entry for entry in self._entries if entry[0] is not stream]

    def ipoll(self, timeout=-1):
        ready = self._ready()
        if not ready and timeout:
            # -1 waits forever: here, 20 ms at a time, as another task may act.
            time.sleep_ms(timeout if timeout > 0 else 20)
            ready = self._ready()
        return ready

    def _ready(self):
        ready = ()
        for entry in self._entries:
            now = entry[0].ioctl(_POLL, entry[1]) & entry[1]
            if now:
                ready += ((entry[0], now),)
        return ready
