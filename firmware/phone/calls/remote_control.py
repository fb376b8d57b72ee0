"""Requests of a line's server to answer, hold or resume a call, or to dial; loaded with the first request.

The functions take the Switchboard that has the calls.
"""

from phone.calls.call import Call
from phone.dialplan import DialError
from phone.words import BUSY
from sip.events import LocalError
from sip.syntax.headers import NameAddr


def take(switchboard, event, now: int) -> None:
    """Take a sip.call.remote_control.ControlRequested."""
    call = switchboard.call_of(event.session)
    if call is None:
        return
    if event.package == "hold":
        switchboard.hold(now, call)
    elif call.waits:
        switchboard.answer(call, now)
    elif call.state == "held" and not call.moving:
        switchboard.resume(now, call)


def dial(switchboard, referral, now: int) -> None:
    """The server asks us to call the target of `referral` (click to dial), on the speaker or the handset."""
    line = next(line for line in switchboard.lines if line.account is referral.account)
    if switchboard.live:
        switchboard.ask(lambda at: referral.reject(at, BUSY), now)
        return
    try:
        port = switchboard.open_port()
    except DialError:
        switchboard.ask(referral.reject, now)
        return
    try:
        session = referral.accept(switchboard.capabilities(port), now)
    except LocalError:
        port.close()
        return
    switchboard.place(Call(line, session, "out", NameAddr(referral.target), port), now)
