"""RTCP: sender and receiver reports, SDES and BYE (RFC 3550 §6)."""


class Reporter:
    """One stream's side of RTCP."""

    def __init__(self, ssrc: int, cname: str):
        self.ssrc = ssrc
        self.cname = cname
        self.round_trip_ms = None
        self.remote_lost = None
        self.remote_jitter_ms = None

    def close(self) -> None:
        """Make the next report say BYE."""

    def due(self, now: int) -> bool:
        """Is a report due at `now`?"""
        return False

    def report(self, counters, now: int):
        """The compound report to send, as a memoryview."""

    def receive(self, packet, length: int, counters, now: int) -> bool:
        """Take a compound from the peer; False when it is not one."""
        return False
