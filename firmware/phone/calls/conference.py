"""Conference: three parties who all hear each other (RFC 5359 §2.10); loaded with the first conference.

The phone mixes the voices: the sessions do not change, and the other sides notice nothing. All functions take
the Switchboard that has the calls.
"""

from compat import const
from phone.dialplan import DialError

_MIXER_OCTETS = const(24_000)  # heap for a second stream, its buffers, and a reserve
_WIDE_OCTETS = const(14_000)  # heap for the second band of a wideband stream


def join(switchboard, now: int) -> None:
    """Join the call in the ear and the held one in front, or the one held longest. Raises DialError."""
    held = [call for call in switchboard.live if call.state == "held" and not call.moving]
    heard = switchboard.heard
    if heard is None or not heard.talking or not held:
        raise DialError("No two calls to join")
    if switchboard.conference:
        raise DialError("Conference is full")
    other = switchboard.call if switchboard.call in held else held[0]
    if not switchboard.has_heap(_MIXER_OCTETS + (_WIDE_OCTETS if other.wide else 0)):
        raise DialError("Not enough memory")
    switchboard.conference = [heard, other]
    try:
        switchboard.open_voice(other, now, True)
    except MemoryError:
        switchboard.conference = []
        raise DialError("Not enough memory")
    other.step("resume")
    switchboard.ask(other.session.resume, now)
    switchboard.call = heard
    switchboard.changed(now, other)


def split(switchboard, now: int) -> None:
    """End the conference: the first call stays in the ear, the other is held."""
    for call in list(switchboard.conference):
        if call is not switchboard.heard:
            switchboard.hold(now, call)


def leave(switchboard, call, now: int) -> None:
    """`call` has ended or is held: the other call continues."""
    switchboard.unmix(now)
    rest = [each for each in switchboard.conference if each is not call]
    switchboard.conference = []
    if switchboard.heard is call:
        switchboard.heard = rest[0]
        if switchboard.call is call:
            switchboard.call = rest[0]
    if switchboard.heard is not None:
        switchboard.open_voice(switchboard.heard, now, True)
