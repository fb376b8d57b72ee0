"""Handlers of the endpoint's call events for a phone.switchboard.Switchboard; loaded with the first call."""

from compat import const
from phone import words
from phone.calls.call import Call
from phone.dialplan import DialError
from sip.call.events import (
    Ended,
    Established,
    IdentityChanged,
    IncomingCall,
    MediaChanged,
    Progress,
    TransferProgress,
    TransferRequested,
)

_LINGER_MS = const(4000)  # how long an ended call stays on the screen
_TONE_MS = const(30_000)  # … while the lifted handset plays the busy tone


def take(switchboard, event, now: int) -> None:
    """Take one event of the endpoint about a call; others are ignored."""
    if event.topic is not None:
        from phone.calls import remote_control

        remote_control.take(switchboard, event, now)
        return
    handler = _HANDLERS.get(type(event))
    if handler is not None:
        handler(switchboard, event, now)


def _on_incoming(switchboard, event, now):
    session = event.session
    line = next(line for line in switchboard.lines if line.account is session.account)
    call = Call(line, session, "in", session.identity)
    if session.replaces is not None:
        from phone.calls import transfers

        return transfers.take_place(switchboard, call, now)
    chosen = switchboard.preferences
    room = switchboard.has_room and (chosen.call_waiting or not switchboard.live)
    if session.diverted_from or session.referred_by or chosen.forward_always or not room:
        from phone.calls import forwarding

        call.via = forwarding.via(session, line)
        if forwarding.send_on(switchboard, call, room, now):
            return None
    if session.state != "incoming" or not room or not _has_port(switchboard, call):
        # The caller gave up already, or there is no room for the call, or no free media port.
        switchboard.refuse(session, words.BUSY, now)
        switchboard.note(call, "missed")
        switchboard.changed(now)
        return None
    switchboard.calls.append(call)
    if switchboard.heard is None or switchboard.call is None:
        switchboard.forget_ended()
        switchboard.instrument.compose(None)
    switchboard.instrument.wake()
    switchboard.call = call
    session.ring(now)
    if chosen.forward_no_answer:
        from phone.calls import forwarding

        switchboard.later(chosen.no_answer_s * 1000, forwarding.Patience(switchboard, call), now)
    switchboard.changed(now)
    return None


def _has_port(switchboard, call):
    """Open the media port of `call`, False on failure: before it rings, as an answer must not fail."""
    try:
        call.port = switchboard.open_port()
    except DialError:
        return False
    return True


def _on_progress(switchboard, event, now):
    call = switchboard.call_of(event.session)
    if call is None:
        return
    call.rings = event.status in (180, 181, 182)
    is_heard = call.port is not None and call.port.is_heard
    if call.rings and not is_heard and call.step("rings"):
        switchboard.changed(now, call)


def _on_media(switchboard, event, now):
    call = switchboard.call_of(event.session)
    if call is None or call.port is None or event.session.state == "incoming":
        return
    refused = call.state == "active" and event.session.holding
    if refused and call.step("hold"):
        switchboard.tell("notice", "Could not resume")
        if switchboard.heard is call:
            switchboard.heard = None
    if event.session.state in ("calling", "early"):
        from phone.calls import early_media

        changed = early_media.begin(switchboard, call, now)
    else:
        changed = call.step("remote hold" if event.media.held else "remote resume") or refused
    switchboard.open_voice(call, now, call is switchboard.heard or call in switchboard.conference)
    if changed:
        switchboard.changed(now, call)


def _on_established(switchboard, event, now):
    call = switchboard.call_of(event.session)
    if call is None:
        return
    if call.state == "held":
        switchboard.ask(call.session.hold, now)  # the person held the call before the ACK came
    if not switchboard.begin(call, now):
        return
    if call.instead is not None:
        from phone.calls import transfers

        transfers.on_success(switchboard, call, now)
    switchboard.changed(now, call)
    if event.session.media is not None and event.session.media.held and call.step("remote hold"):
        switchboard.changed(now, call)
    if switchboard.heard is not call:
        switchboard.hold(now, call)  # another call is in the ear


def _on_identity(switchboard, event, now):
    call = switchboard.call_of(event.session)
    if call is not None:
        call.identify(event.session.identity)
        switchboard.changed(now, call)


def _on_transfer_progress(switchboard, event, now):
    from phone.calls import transfers

    transfers.on_progress(switchboard, event, now)


def _on_transfer_requested(switchboard, event, now):
    if event.session is None:
        from phone.calls import remote_control

        return remote_control.dial(switchboard, event.referral, now)
    from phone.calls import transfers

    return transfers.on_requested(switchboard, event, now)


def _on_ended(switchboard, event, now):
    call = switchboard.call_of(event.session)
    if call is None:
        return
    was_heard = call is switchboard.heard
    if event.status in words.NO_COMMON_FORMAT and "encryption" in event.reason.lower():
        call.trouble = "Encryption required"
    call.end(event.status, event.remote, now)
    if call.answered or not call.quiet:
        _note_end(switchboard, call, event)
    if call in switchboard.conference:
        from phone.calls import conference

        conference.leave(switchboard, call, now)
    switchboard.release(call, now)
    if switchboard.heard is call:
        switchboard.heard = None
    if call.instead is not None:
        from phone.calls import transfers

        transfers.on_failure(switchboard, call, now)
    _take_off(switchboard, call, event.remote, was_heard, now)


def _note_end(switchboard, call, event):
    if call.direction == "out":
        switchboard.note(call, "placed")
    elif call.answered or not event.remote:
        switchboard.note(call, "forwarded" if call.session.forwarded_to is not None else "received")
    elif event.cause is not None and event.cause.elsewhere:
        call.reason = "Answered elsewhere"
        switchboard.note(call, "elsewhere")
    else:
        switchboard.note(call, "missed")


def _take_off(switchboard, call, remote, was_heard, now):
    """`call` has ended: show the reason, unless another call is more important."""
    others = switchboard.live
    is_news = remote and not call.quiet
    if (
        switchboard.call is not call
        or call.quiet
        or others
        and not (remote and was_heard)
        or switchboard.waiting
    ):
        switchboard.calls.remove(call)
        if switchboard.call is call:
            switchboard.call = None
        if is_news:
            switchboard.tell("notice", "%s: %s" % (call.name, call.reason))
        if not others and not (remote and switchboard.instrument.handset):
            switchboard.instrument.use_speaker(False)
        switchboard.choose(now)
        switchboard.changed(now, call)
        return
    patient = remote and switchboard.instrument.handset and not others
    switchboard.linger(_TONE_MS if patient else _LINGER_MS, now)
    if not remote and not others:
        # A person who hangs up needs no sound; otherwise the busy tone plays until the handset is down.
        switchboard.instrument.use_speaker(False)
    switchboard.changed(now)


_HANDLERS = {
    IncomingCall: _on_incoming,
    Progress: _on_progress,
    MediaChanged: _on_media,
    Established: _on_established,
    IdentityChanged: _on_identity,
    Ended: _on_ended,
    TransferProgress: _on_transfer_progress,
    TransferRequested: _on_transfer_requested,
}
