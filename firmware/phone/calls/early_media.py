"""Early media, or a ringback tone of our own (RFC 3960 §3.2); loaded with the first early media.

SDP in a 180 or 183 promises media, but often no packet comes. So a call that got a 180 is shown as ringing,
with a ringback tone, until packets come.
"""

from compat import const

_LOOK_MS = const(100)


def begin(switchboard, call, now: int) -> bool:
    """Early media was agreed for `call`; whether its state is new."""
    if call.watch is None:
        call.watch = _Watch(switchboard, call)
        switchboard.later(_LOOK_MS, call.watch, now)
    return call.state == "dialing" and call.step("early media")


class _Watch:
    """Changes `call` between "ringing" and "early", as packets come or not, until the answer."""

    def __init__(self, switchboard, call):
        self._switchboard = switchboard
        self._call = call

    def on_timer(self, name: str, now: int) -> None:
        """From Timers."""
        call = self._call
        if call.state not in ("dialing", "ringing", "early"):
            return
        is_heard = call.port is not None and call.port.is_heard
        if is_heard and call.state == "ringing":
            changed = call.step("early media")
        else:
            changed = not is_heard and call.rings and call.state == "early" and call.step("rings")
        if changed:
            self._switchboard.changed(now, call)
        self._switchboard.later(_LOOK_MS, self, now)
