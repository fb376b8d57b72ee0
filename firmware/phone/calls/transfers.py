"""Transfers, as the one who sends, the one who is sent, and the one where they arrive (RFC 5589).

Loaded with the first of them. All functions take the CallControl that has the calls.
"""

from compat import const
from phone import words
from phone.calls.call import Call, name_of
from phone.dialplan import DialError
from sip.events import LocalError
from sip.syntax.headers import NameAddr

_GOODBYE_MS = const(5000)  # how long who sent us on may take to hang up


# We send the other side on


def blind(control, call, target, now: int) -> None:
    """Send the other side of `call` to the Uri `target` (RFC 5589 §6). Raises DialError."""
    if call is None or not call.talking:
        raise DialError("No call to transfer")
    if call.moving:
        raise DialError("It is being transferred")
    control.hold(now, call)
    _refer(control, call, target, now)


def attended(control, call, other, now: int) -> None:
    """Connect the other side of `call` with that of `other` (RFC 5589 §7). Raises DialError.

    Where `other` has not answered yet it is given up, and called anew by the other side of `call`.
    """
    if call is None or other is None or call is other or not call.talking or call.moving or other.moving:
        raise DialError("No call to transfer")
    if other.direction == "out" and not other.answered:
        other.quiet = True
        control.ask(other.session.end, now)
        return _refer(control, call, other.target, now)
    if not other.talking:
        raise DialError("No call to connect with")
    control.hold(now, call)
    _refer(control, call, other.session, now)
    other.about = call
    other.moving = True
    return None


def _refer(control, call, target, now):
    try:
        call.session.transfer(target, now)
    except LocalError:
        raise DialError("Cannot transfer now")
    call.moving = True
    call.note = "Transferring"
    control.changed(now, call)


def on_progress(control, event, now: int) -> None:
    """From the session of a call that we transfer: a NOTIFY told how far it came."""
    call = control.call_of(event.session)
    if call is None:
        return
    if event.status >= 300:
        _take_back(control, call, event.status, now)
        return
    if event.status >= 200:
        call.note = "Transferred"  # and the session ends by itself
        for other in control.live:
            if other.about is call and other.moving:
                # As a rule it has been replaced by now; some peers leave that to us.
                control.later(_GOODBYE_MS, _Goodbye(control, other), now)
    else:
        call.note = "Rings there" if event.status == 180 else "Transferring"
    control.changed(now, call)


def _take_back(control, call, status, now):
    """The transfer failed: the call is ours again."""
    call.moving = False
    call.note = "Not transferred: " + words.of_call(status, True)
    for other in control.live:
        if other.about is call:
            other.moving = False
    control.tell("notice", call.note)
    control.changed(now, call)
    if control.heard is None and control.listening:
        control.call = call
        control.resume(now, call)
    elif not control.listening:
        control.remind(now)


# The other side sends us on


def on_requested(control, event, now: int) -> None:
    """The other side of a call sends us to somebody else (RFC 5589 §6): go there, keep the call meanwhile."""
    call = control.call_of(event.session)
    referral = event.referral
    chosen = control.preferences
    if call is None or call.moving or not chosen.follow_transfers or not control.has_room:
        control.ask(referral.reject, now)
        return
    try:
        port = control.open_port()
    except DialError:
        control.ask(referral.reject, now)
        return
    try:
        session = referral.accept(control.capabilities(port), now)
    except LocalError:
        port.close()
        return
    new = Call(call.line, session, "out", NameAddr(referral.target), port)
    new.instead = call
    new.quiet = True  # if it comes to nothing the old call goes on
    new.note = "Transferred by " + call.name
    call.moving = True
    call.note = "Transferring to " + new.name
    control.calls.append(new)
    if control.call is call:
        control.call = new
    if control.heard is call:
        # Neither side of the old call needs a re-INVITE: it is about to end.
        control.heard = new
        control.open_voice(call, now, False)
    control.changed(now, new)


def on_success(control, call, now: int) -> None:
    """`call`, which takes the place of another, was answered: who sent us there hangs up, or we do."""
    old = call.instead
    call.quiet = False
    call.note = ""
    old.quiet = True
    if old.live:
        control.later(_GOODBYE_MS, _Goodbye(control, old), now)


class _Goodbye:
    def __init__(self, control, call):
        self._control = control
        self._call = call

    def on_timer(self, name, now):
        if self._call.live:
            self._control.ask(self._call.session.end, now)


def on_failure(control, call, now: int) -> None:
    """`call` has ended. If it never took the place that it was made for, the old call is where it was."""
    old = call.instead
    if call.answered or not old.live or not old.moving:
        return
    old.moving = False
    old.note = "Not transferred: " + call.reason
    control.tell("notice", old.note)
    if control.heard is None and old.state in ("active", "remote_held"):
        control.hear(old, now)
    if control.call is call:
        control.call = old
    control.changed(now, old)


# Somebody is sent to us


def take_place(control, call, now: int) -> None:
    """`call` comes in the place of another (RFC 3891 §3): take it at once, heard or held as the other was."""
    old = control.call_of(call.session.replaces)
    if old is None:
        control.refuse(call.session, 481, now)
        return
    call.instead = old
    old.quiet = True
    control.calls.insert(control.calls.index(old), call)
    if not control.accept(call, now):
        old.quiet = False
        return
    referred_by = call.session.referred_by
    if referred_by is not None:
        control.tell("notice", "From " + name_of(referred_by, call.line.account.aor.host))
    if control.call is old:
        control.call = call
    if control.heard is old:
        control.heard = call
    control.begin(call, now)
    control.changed(now, call)
