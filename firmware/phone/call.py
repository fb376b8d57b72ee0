"""Call: what the person sees of one session.

state        meaning
dialing      called, nothing heard yet
ringing      it rings: there (direction "out") or here ("in")
early        the far end plays something before it answers
active       both hear each other
held         we hold it
remote_held  the other side holds us
ended        over; `reason` says why
"""

from compat import const, ticks_diff
from phone import reasons

_TABLE = {
    ("dialing", "rings"): "ringing",
    ("dialing", "early media"): "early",
    ("dialing", "answered"): "active",
    ("ringing", "early media"): "early",
    ("ringing", "answered"): "active",
    ("early", "answered"): "active",
    ("active", "hold"): "held",
    ("held", "resume"): "active",
    ("active", "remote hold"): "remote_held",
    ("remote_held", "remote resume"): "active",
    ("dialing", "end"): "ended",
    ("ringing", "end"): "ended",
    ("early", "end"): "ended",
    ("active", "end"): "ended",
    ("held", "end"): "ended",
    ("remote_held", "end"): "ended",
}

TALKING = ("active", "held", "remote_held")

_LONGEST_NAME = const(64)
_LONGEST_NUMBER = const(255)


class Call:
    """One call.

    id         small number, unique among those that live
    line       its Line
    direction  "in" or "out"
    state      see above
    number     what to dial to reach the other side
    name       what to show for it
    peer       the address of the other side, as text
    status     the SIP status that ended it, 0 before
    reason     why it ended, in words
    stats      the media engine's counters once it ended, None if there was no media
    digits     what the other side keyed in, the latest 32
    port       its net.media.MediaPort, or None
    """

    def __init__(self, line, session, direction: str, remote, port=None):
        self.id = session.id
        self.line = line
        self.session = session
        self.direction = direction
        self.state = "ringing" if direction == "in" else "dialing"
        uri = remote.uri
        # A person knows callers at the own domain by number alone.
        local = uri.host is None or uri.host == line.account.aor.host
        number = uri.name if uri.user and local else str(uri).partition(":")[2]
        self.number = number if len(number) <= _LONGEST_NUMBER else ""
        self.name = _plain(remote.display_name or "") or _plain(number)
        self.peer = str(uri)
        self.port = port
        self.status = 0
        self.reason = ""
        self.remote_ended = False
        self.stats = None
        self.digits = ""
        self._answered_at = None
        self._seconds = 0

    def step(self, event: str) -> bool:
        """Let `event` happen as the table says; whether the state is new."""
        state = _TABLE.get((self.state, event))
        if state is None:
            return False
        self.state = state
        return True

    @property
    def talking(self) -> bool:
        """Whether it was answered and is not over."""
        return self.state in TALKING

    @property
    def answered(self) -> bool:
        return self._answered_at is not None

    def answer(self, now: int) -> None:
        """It was answered at `now`: its time starts to run."""
        self._answered_at = now

    def end(self, status: int, remote: bool, now: int) -> None:
        """It ended at `now` with a SIP status; `remote`: the other side or the network ended it."""
        self.seconds(now)
        self.step("end")
        self.status = status
        self.remote_ended = remote
        self.reason = reasons.of_call(status, remote)
        if status in (408, 503) and self.line.reason and not self.answered:
            self.reason = self.line.reason  # the trouble is on our side, not with who was called

    def seconds(self, now: int) -> int:
        """How long the two have talked."""
        if self._answered_at is None:
            return 0
        if self.state != "ended":
            self._seconds = ticks_diff(now, self._answered_at) // 1000
        return self._seconds

    def ms_to_next_second(self, now: int) -> int:
        """In how many ms `seconds` changes."""
        return 1000 if self._answered_at is None else 1000 - ticks_diff(now, self._answered_at) % 1000


def _plain(text):
    """A name from the network: not endless, and without what would draw something else than letters."""
    kept = ""
    for character in text[:_LONGEST_NAME]:
        if character >= " " and not "\ue000" <= character <= "\uf8ff":
            kept += character
    return kept.strip()
