"""Conference: the person and several others, who all hear each other (RFC 5359 §2.10); loaded with the first.

The phone mixes: each call stays as it is, and its other side needs to know nothing. All functions take the
CallControl that has the calls.
"""

from compat import const
from phone.dialplan import DialError

_MIXER_OCTETS = const(24_000)  # a second stream, its buffers, and some air


def join(control, now: int) -> None:
    """Let the call that is heard and the one that was held longest hear each other. Raises DialError."""
    held = [call for call in control.live if call.state == "held" and not call.moving]
    heard = control.heard
    if heard is None or not heard.talking or not held:
        raise DialError("No two calls to join")
    if control.conference:
        raise DialError("Conference is full")
    if not control.has_heap(_MIXER_OCTETS):
        raise DialError("No memory for it")
    other = control.call if control.call in held else held[0]
    control.conference = [heard, other]
    try:
        control.open_voice(other, now, True)
    except MemoryError:
        control.conference = []
        raise DialError("No memory for it")
    other.step("resume")
    control.ask(other.session.resume, now)
    control.call = heard
    control.changed(now, other)


def split(control, now: int) -> None:
    """Back to single calls: who was in the ear first stays there, the other is held."""
    for call in list(control.conference):
        if call is not control.heard:
            control.hold(now, call)


def leave(control, call, now: int) -> None:
    """`call` is over, or held: the other goes on."""
    control.unmix(now)
    rest = [each for each in control.conference if each is not call]
    control.conference = []
    if control.heard is call:
        control.heard = rest[0]
        if control.call is call:
            control.call = rest[0]
    if control.heard is not None:
        control.open_voice(control.heard, now, True)
