"""Call forwarding: who forwarded a caller to us, and our own forwarding by a 302 (RFC 5359 §2.7-2.9)."""

from phone.dialplan import DialError
from phone.names import name_of
from sip.events import LocalError

# Diversion reasons (RFC 5806) -> words.
_WHY = {"user-busy": "busy", "no-answer": "no answer", "unconditional": "", "unavailable": "unavailable"}


def via(session, line) -> str:
    """Who forwarded or transferred the caller to us, in words; "" if the caller called us directly."""
    if session.diverted_from is not None:
        why = _WHY.get((session.diverted_from.params.get("reason") or "").strip('"'), "")
        return "For " + name_of(session.diverted_from, line) + (", " + why if why else "")
    if session.referred_by is not None:
        return "From " + name_of(session.referred_by, line)
    return ""


def send_on(switchboard, call, room: bool, now: int) -> bool:
    """Forward the new `call` if all calls are forwarded, or if there is no `room`; False if it was not."""
    chosen = switchboard.preferences
    number = chosen.forward_always or (None if room else chosen.forward_busy)
    if not number or not _redirect(switchboard, call, number, now):
        return False
    # A call forwarded on busy is shown as missed, so that the person can call back.
    switchboard.note(call, "forwarded" if chosen.forward_always else "missed")
    switchboard.changed(now)
    return True


class Patience:
    """Forwards `call` when it was not answered in time."""

    def __init__(self, switchboard, call):
        self._switchboard = switchboard
        self._call = call

    def on_timer(self, name: str, now: int) -> None:
        """From Timers."""
        if self._call.waits:
            _redirect(self._switchboard, self._call, self._switchboard.preferences.forward_no_answer, now)


def _redirect(switchboard, call, number, now):
    try:
        call.session.redirect(switchboard.number_of(number, call.line), now)
    except (DialError, LocalError):
        return False
    return True
