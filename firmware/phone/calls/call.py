"""Call: one session as the person sees it.

state        meaning
dialing      we called; no response from the network yet
ringing      ringing at the other side (direction "out") or here ("in")
early        early media: the other side plays something before it answers
active       both sides hear each other
held         on hold here
remote_held  on hold at the other side
ended        ended; `reason` says why
"""

from compat import const, lookup, ticks_diff
from phone import words
from phone.names import name_and_number

_TABLE = (
    (("dialing", "rings"), "ringing"),
    (("dialing", "early media"), "early"),
    (("dialing", "answered"), "active"),
    (("ringing", "early media"), "early"),
    (("ringing", "answered"), "active"),
    (("early", "rings"), "ringing"),
    (("early", "answered"), "active"),
    (("active", "hold"), "held"),
    (("held", "resume"), "active"),
    (("active", "remote hold"), "remote_held"),
    (("remote_held", "remote resume"), "active"),
    (("remote_held", "hold"), "held"),
    (("dialing", "end"), "ended"),
    (("ringing", "end"), "ended"),
    (("early", "end"), "ended"),
    (("active", "end"), "ended"),
    (("held", "end"), "ended"),
    (("remote_held", "end"), "ended"),
)

TALKING = ("active", "held", "remote_held")

# The counters among a media engine's stats.
_COUNTED = (
    "sent",
    "received",
    "lost",
    "late",
    "duplicate",
    "overflow",
    "invalid",
    "concealed",
    "slipped",
    "resynced",
)
_MAX_DIGITS = const(32)


class Call:
    """One call.

    id         small number, unique among the live calls
    line       its Line
    direction  "in" or "out"
    state      see above
    number     the number to dial to call the other side; "" if there is none
    name       the name to show for the other side
    peer       the address of the other side, as text
    status     the SIP status that ended the call, 0 before
    reason     why the call ended, in words
    stats      the media engine's counters once the call ended, None if there was no media
    digits     the latest 32 digits that the other side sent
    port       its net.media.port.MediaPort, or None
    via        who forwarded or transferred the caller to us and why, in words; "" if nobody did
    note       the state of a transfer, or a fault of the call, in words; "" if there is none
    trouble    the `reason` to show when the call ends, in words; "": the reason follows from the SIP status
    info       sends the call's digits by INFO: a sip.call.info_sender.InfoSender, or None
    watch      the early_media object that watches the call, or None
    rings      whether the latest provisional response was "ringing" (180 to 182)
    unheard    whether the call is active and no packet has come from the other side for 10 s
    target     the Uri that was called, None for an incoming call
    ignored    whether the person has silenced the call
    quiet      whether the call's end is not shown: another call replaces it
    moving     whether the call is being transferred, by us or by the other side
    noted      state and reason that were logged last
    about      the Call that the person means to transfer to this one, or None
    instead    the Call that this one replaces, or tries to replace, or None
    """

    def __init__(self, line, session, direction: str, remote, port=None):
        self.id = session.id
        self.line = line
        self.session = session
        self.direction = direction
        self.state = "ringing" if direction == "in" else "dialing"
        self.identify(remote)
        self.port = port
        self.target = remote.uri if direction == "out" else None
        self.via = self.note = self.trouble = ""
        self.ignored = self.quiet = self.moving = self.rings = self.unheard = False
        self.about = self.instead = self.watch = self.info = None
        self.status = 0
        self.reason = self.noted = ""
        self.remote_ended = False
        self.stats = None
        self.digits = ""
        self._answered_at = None
        self._seconds = 0

    def identify(self, remote) -> None:
        """The other side is `remote` (headers.NameAddr); None: the other side withholds its identity."""
        if remote is None:
            self.name, self.number, self.peer = "Private", "", "sip:anonymous@anonymous.invalid"
            return
        self.name, self.number = name_and_number(remote, self.line)
        if self.line.name_of:
            self.name = self.line.name_of(self.number) or self.name
        self.peer = str(remote.uri)

    def step(self, event: str) -> bool:
        """Change the state as the table says for `event`; whether the state is new."""
        state = lookup(_TABLE, (self.state, event))
        if state is None:
            return False
        self.state = state
        return True

    @property
    def talking(self) -> bool:
        """Whether the call was answered and has not ended."""
        return self.state in TALKING

    @property
    def live(self) -> bool:
        return self.state != "ended"

    @property
    def waits(self) -> bool:
        """Whether the call rings here and waits to be answered."""
        return self.direction == "in" and self.state == "ringing"

    @property
    def wide(self) -> bool:
        """Whether we send wideband; the other side then usually does too."""
        media = self.session.media
        return media is not None and media.codec == "G722"

    @property
    def encrypted(self) -> bool:
        """Whether the voice is encrypted both ways: SRTP was agreed on, and the port applies it."""
        media = self.session.media
        return (
            media is not None
            and media.crypto is not None
            and self.port is not None
            and self.port.protection is not None
        )

    @property
    def answered(self) -> bool:
        return self._answered_at is not None

    def answer(self, now: int) -> None:
        """The call was answered at `now`: its time starts."""
        self._answered_at = now

    def end(self, status: int, remote: bool, now: int) -> None:
        """The call ended at `now` with a SIP status; `remote`: the other side or the network ended it."""
        self.seconds(now)
        self.step("end")
        self.status = status
        self.remote_ended = remote
        self.reason = self.trouble or words.of_call(status, remote, self.answered)
        if status in words.NO_COMMON_FORMAT and self.line.account.encryption == "require":
            self.reason = "Cannot be encrypted"
        if self.moving and status < 300:
            self.reason = "Transferred"
        if status in (408, 503) and self.line.reason and not self.answered:
            self.reason = self.line.reason  # the fault is our line's, not the other side's

    def add_stats(self, stats: "dict | None") -> None:
        """Add the `stats` of one more stream: counters add up, of times and reports the latest stay."""
        if stats is None:
            return
        if self.stats is not None:
            for name in _COUNTED:
                stats[name] += self.stats[name]
        self.stats = stats

    def add_digits(self, digits: str) -> None:
        """The other side sent `digits`."""
        self.digits = (self.digits + digits)[-_MAX_DIGITS:]

    def seconds(self, now: int) -> int:
        """The length of the call since the answer, in seconds."""
        if self._answered_at is None:
            return 0
        if self.state != "ended":
            self._seconds = ticks_diff(now, self._answered_at) // 1000
        return self._seconds

    def ms_to_next_second(self, now: int) -> int:
        """In how many ms `seconds` changes."""
        return 1000 if self._answered_at is None else 1000 - ticks_diff(now, self._answered_at) % 1000
