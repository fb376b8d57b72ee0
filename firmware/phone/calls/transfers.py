"""Transfers in the three roles of RFC 5589: transferor, transferee and transfer target.

Loaded with the first transfer. All functions take the Switchboard that has the calls.
"""

from compat import const
from phone import words
from phone.calls.call import Call
from phone.dialplan import DialError
from phone.names import name_of
from sip.events import LocalError
from sip.syntax.headers import NameAddr

_GOODBYE_MS = const(5000)  # how long the transferor may take to hang up
_NEWS_MS = const(10_000)  # how long a failed transfer is given as the reason of the call's end


# Transferor: we transfer the other side


def blind(switchboard, call, target, now: int) -> None:
    """Blind transfer of `call` to the Uri `target` (RFC 5589 §6). Raises DialError."""
    if call is None or not call.talking:
        raise DialError("No call to transfer")
    if call.moving:
        raise DialError("Already transferring")
    switchboard.hold(now, call)
    _refer(switchboard, call, target, now)


def attended(switchboard, call, other, now: int) -> None:
    """Attended transfer of `call` to the other side of `other` (RFC 5589 §7). Raises DialError.

    If `other` has not answered yet, that call is ended and the other side of `call` calls its target.
    """
    if call is None or other is None or call is other or not call.talking or call.moving or other.moving:
        raise DialError("No call to transfer")
    if other.direction == "out" and not other.answered:
        other.quiet = True
        switchboard.ask(other.session.end, now)
        return _refer(switchboard, call, other.target, now)
    if not other.talking:
        raise DialError("No call to connect with")
    switchboard.hold(now, call)
    _refer(switchboard, call, other.session, now)
    other.about = call
    other.moving = True
    return None


def _refer(switchboard, call, target, now):
    try:
        call.session.transfer(target, now)
    except LocalError:
        raise DialError("Cannot transfer now")
    call.moving = True
    call.note = "Transferring"
    switchboard.changed(now, call)


def on_progress(switchboard, event, now: int) -> None:
    """A NOTIFY reports the state of a transfer that we asked for."""
    call = switchboard.call_of(event.session)
    if call is None:
        return
    if event.status >= 300:
        _take_back(switchboard, call, event.status, now)
        return
    if event.status >= 200:
        call.note = "Transferred"  # the session ends next
        for other in switchboard.live:
            if other.about is call and other.moving:
                # Usually the peer ends this call, which was replaced; some peers leave the BYE to us.
                switchboard.later(_GOODBYE_MS, _Goodbye(switchboard, other), now)
    else:
        call.note = "Ringing" if event.status == 180 else "Transferring"
    switchboard.changed(now, call)


def _take_back(switchboard, call, status, now):
    """The transfer failed: the call continues here."""
    call.moving = False
    call.note = "Transfer failed: " + words.of_call(status, True)
    # If the other side has hung up meanwhile, the display shows the failed transfer as the reason.
    call.trouble = call.note
    switchboard.later(_NEWS_MS, _OldNews(call), now)
    for other in switchboard.live:
        if other.about is call:
            other.moving = False
    switchboard.tell("notice", call.note)
    switchboard.changed(now, call)
    if switchboard.heard is None and switchboard.instrument.listening:
        switchboard.call = call
        switchboard.resume(now, call)
    elif not switchboard.instrument.listening:
        switchboard.remind(now)


# Transferee: the other side transfers us


def on_requested(switchboard, event, now: int) -> None:
    """The other side transfers us (RFC 5589 §6): call the target, and keep the old call until it answers."""
    call = switchboard.call_of(event.session)
    referral = event.referral
    chosen = switchboard.preferences
    if call is None or call.moving or not chosen.follow_transfers or not switchboard.has_room:
        switchboard.ask(referral.reject, now)
        return
    encryption = switchboard.user_agent.encryption_of(call.line.account, referral.target)
    try:
        if encryption is not None and not encryption.keys:
            raise DialError("Encryption needs TLS")
        port = switchboard.open_port()
    except DialError:
        switchboard.ask(referral.reject, now)
        return
    try:
        session = referral.accept(switchboard.capabilities(port, encryption), now)
    except LocalError:
        port.close()
        return
    new = Call(call.line, session, "out", NameAddr(referral.target), port)
    new.instead = call
    new.quiet = True  # if the target does not answer, the old call continues
    new.note = "Transferred by " + call.name
    call.moving = True
    call.note = "Transferring to " + new.name
    switchboard.calls.append(new)
    if switchboard.call is call:
        switchboard.call = new
    if switchboard.heard is call:
        # No re-INVITE to hold the old call: it is about to end.
        switchboard.heard = new
        switchboard.open_voice(call, now, False)
    switchboard.changed(now, new)


def on_success(switchboard, call, now: int) -> None:
    """`call`, which replaces another, was answered: the transferor hangs up, or we do."""
    old = call.instead
    call.quiet = False
    call.note = ""
    old.quiet = True
    if old.live:
        switchboard.later(_GOODBYE_MS, _Goodbye(switchboard, old), now)


class _OldNews:
    def __init__(self, call):
        self._call = call

    def on_timer(self, name, now):
        self._call.trouble = ""


class _Goodbye:
    def __init__(self, switchboard, call):
        self._switchboard = switchboard
        self._call = call

    def on_timer(self, name, now):
        if self._call.live:
            self._switchboard.ask(self._call.session.end, now)


def on_failure(switchboard, call, now: int) -> None:
    """`call` has ended. If it was never answered, the call that it was to replace continues."""
    old = call.instead
    if call.answered or not old.live or not old.moving:
        return
    old.moving = False
    old.note = "Transfer failed: " + call.reason
    switchboard.tell("notice", old.note)
    if switchboard.heard is None and old.state in ("active", "remote_held"):
        switchboard.hear(old, now)
    if switchboard.call is call:
        switchboard.call = old
    switchboard.changed(now, old)


# Transfer target: somebody is transferred to us


def take_place(switchboard, call, now: int) -> None:
    """`call` replaces another (RFC 3891 §3): answer `call` at once, heard or held as the other was."""
    old = switchboard.call_of(call.session.replaces)
    if old is None:
        switchboard.refuse(call.session, 481, now)
        return
    call.instead = old
    old.quiet = True
    switchboard.calls.insert(switchboard.calls.index(old), call)
    if not switchboard.accept(call, now):
        old.quiet = False
        return
    referred_by = call.session.referred_by
    if referred_by is not None:
        switchboard.tell("notice", "From " + name_of(referred_by, call.line))
    if switchboard.call is old:
        switchboard.call = call
    if switchboard.heard is old:
        switchboard.heard = call
    switchboard.begin(call, now)
    switchboard.changed(now, call)
