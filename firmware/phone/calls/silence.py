"""Calls that are active but receive no packets from the other side; loaded with the first such call."""

from compat import const

_FRAMES_PER_S = const(50)
_SILENT_FRAMES = const(500)  # 10 s


def watch(switchboard, call, now: int) -> None:
    """Once a second, for the call in the ear: note silence on the display; end the call after the timeout."""
    media = call.session.media
    if call.state != "active" or media is None or media.direction not in ("sendrecv", "recvonly"):
        call.port.silence = 0  # no packets are expected
    is_silent = call.port.silence >= _SILENT_FRAMES
    if is_silent != call.unheard:
        call.unheard = is_silent
        call.note = "No sound received" if is_silent else ""
        switchboard.tell("call", call)
    seconds = switchboard.preferences.media_timeout_s
    if is_silent and seconds and call.port.silence >= seconds * _FRAMES_PER_S:
        call.trouble = "No sound received"
        switchboard.ask(call.session.end, now)
