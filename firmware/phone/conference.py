"""Conference: the person and several others, who all hear each other (RFC 5359 §2.10); loaded with the first.

The phone mixes: each call stays as it is, and its other side needs to know nothing. All functions take the
CallControl that has the calls.
"""

from phone.dialplan import DialError


def join(control, now: int) -> None:
    """Let the call that is heard and the one that was held longest hear each other. Raises DialError."""
    held = [call for call in control.live if call.state == "held" and not call.moving]
    heard = control.heard
    if heard is None or not heard.talking or not held:
        raise DialError("No two calls to join")
    other = control.call if control.call in held else held[0]
    if not control.can_mix:
        raise DialError("No mixing on this phone")
    if len(control.conference) > 1:
        raise DialError("Conference is full")
    control.conference = [heard, other]
    other.step("resume")
    control.ask(other.session.resume, now)
    control.call = heard
    control.open_voice(other, now, True)
    control.changed(now, other)


def split(control, now: int) -> None:
    """Back to single calls: who was in the ear first stays there, the others are held."""
    members = control.conference
    control.conference = []
    for call in members:
        if call is not control.heard:
            control.leave_mix(call, now)
            control.hold(now, call)
    control.changed(now)


def leave(control, call, now: int) -> None:
    """`call` is over, or held: the others go on as they are."""
    control.leave_mix(call, now)
    rest = [each for each in control.conference if each is not call]
    if control.heard is call:
        control.heard = rest[0] if rest else None
        if control.call is call:
            control.call = control.heard
    control.conference = rest if len(rest) > 1 else []
