"""Digits in both directions: RFC 4733 telephone-events, or DTMF tones if the peer accepts no events.

The twin of `native/core/dtmf.c`.
"""

from media.rtp import ahead

# RFC 4733 §3.2, table 3: events 0 to 15.
DIGITS = "0123456789*#ABCD"
# ITU-T Q.23: (low, high) in Hz, by event.
PAIRS = (
    (941, 1336),
    (697, 1209),
    (697, 1336),
    (697, 1477),
    (770, 1209),
    (770, 1336),
    (770, 1477),
    (852, 1209),
    (852, 1336),
    (852, 1477),
    (941, 1209),
    (941, 1477),
    (697, 1633),
    (770, 1633),
    (852, 1633),
    (941, 1633),
)
PAYLOAD = 4

# What a frame carries.
VOICE = 0
START = 1
GOING = 2

_FRAME_SAMPLES = 160
_QUEUE = 16
_VOLUME = 10  # -10 dBm0
_END_BIT = 0x80
_END_PACKETS = 3  # RFC 4733 §2.5.1.4
_PAUSE_FRAMES = 2  # between digits: 40 ms, as Q.24 expects
_PAUSE_MS = 60  # the same between tones
_MAX_LENGTH = 65535  # duration at which an event continues in a new segment, §2.5.1.3
_MS_MAX = 8000  # so that an event fits into one segment
_PACKED_MAX = 8  # events in one packet, §2.5.1.5
_MASK = 0xFFFFFFFF


class Sender:
    """Sends an event as one packet per frame: the first with the marker bit, the last one three times."""

    def __init__(self):
        self.queue = []  # (event, ms)
        self.start = 0  # RTP timestamp of the current event
        self.length = 0  # its duration in samples; 0: no event
        self.duration = 0
        self.ends = 0
        self.pause = 0
        self.event = 0

    def put(self, event: int, ms: int) -> bool:
        """Queue a digit; False when the queue is full."""
        if len(self.queue) == _QUEUE or not 0 <= event < len(DIGITS) or not 0 < ms <= _MS_MAX:
            return False
        self.queue.append((event, ms))
        return True

    def send(self, octets, offset: int, timestamp: int) -> int:
        """The next frame, at `timestamp`; unless VOICE, the event is in `octets` and `start` is its time."""
        kind = GOING
        if self.length == 0:
            if self.pause:
                self.pause -= 1
                return VOICE
            if not self.queue:
                return VOICE
            self.event, ms = self.queue.pop(0)
            self.length = ms * 8
            self.start = timestamp
            self.duration = 0
            self.ends = 0
            kind = START
        if self.duration < self.length:
            self.duration += _FRAME_SAMPLES
        end = self.duration >= self.length
        octets[offset] = self.event
        octets[offset + 1] = _END_BIT | _VOLUME if end else _VOLUME
        octets[offset + 2] = self.duration >> 8
        octets[offset + 3] = self.duration & 0xFF
        if end:
            self.ends += 1
            if self.ends == _END_PACKETS:
                self.length = 0
                self.pause = _PAUSE_FRAMES
        return kind

    def sound(self, player) -> None:
        """Send digits as tones instead: load an idle `player` with the next digit in the queue."""
        if not player.playing and self.queue:
            self.event, ms = self.queue.pop(0)
            low, high = PAIRS[self.event]
            player.pair(low, high, ms, _PAUSE_MS)


class Receiver:
    """Reads digits from event packets. A digit counts with the first of its packets that arrives."""

    def __init__(self):
        self.queue = []
        self.known = False  # an event was seen
        self.start = 0  # timestamp of the latest event
        self.duration = 0
        self.event = 0
        self.ended = False

    def receive(self, payload, offset: int, length: int, timestamp: int) -> bool:
        """Take an event packet's payload; False when it is malformed."""
        if length < PAYLOAD or length % PAYLOAD or length > PAYLOAD * _PACKED_MAX:
            return False
        for at in range(offset, offset + length, PAYLOAD):
            duration = payload[at + 2] << 8 | payload[at + 3]
            if payload[at] < len(DIGITS):
                self._see(payload[at], payload[at + 1] & _END_BIT, timestamp, duration)
            timestamp = (timestamp + duration) & _MASK
        return True

    def _goes_on(self, age):
        """Whether an event with another timestamp is still the same key press.

        It is if it is the next segment of a long event, or if a gateway moves the timestamp with each packet:
        then the timestamp lies within the duration so far.
        """
        if age in (_MAX_LENGTH, self.duration):
            return not self.ended
        return 0 < age < self.duration

    def _see(self, event, end, timestamp, duration):
        if self.known:
            age = ahead(timestamp, self.start)
            if -8 * _MAX_LENGTH < age < 0:
                return  # an older event, late
            if age != 0:
                self.known = event == self.event and self._goes_on(age)
                self.ended = False
        if not self.known and len(self.queue) < _QUEUE:
            self.queue.append(event)
        if not self.known or timestamp != self.start or duration > self.duration:
            self.duration = duration
        self.known = True
        self.event = event
        self.start = timestamp
        if end:
            self.ended = True

    def next(self) -> int:
        """The oldest unread digit, as its event; -1 when there is none."""
        return self.queue.pop(0) if self.queue else -1
