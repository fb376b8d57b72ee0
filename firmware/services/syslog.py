"""Sends each line of the log to a syslog server: RFC 5424 in UDP datagrams (RFC 5426)."""

import compat
from compat import const
from net.udp import free_socket
from services.clock import date_since_1970

PORT = 514

_FACILITY = const(16)  # local0
_SEVERITIES = {"error": 3, "warning": 4, "info": 6, "debug": 7}
_WAITING = 20  # lines that are kept until the network is up
_LOOK_MS = const(500)


class Syslog:
    """A sink of services.log.Log for `server`, "host" or "host:port". `hostname` is the phone's HOSTNAME, and
    `mac` is sent as PROCID; `time()` returns seconds since 1970, or None while the time is not known."""

    def __init__(self, server: str, hostname: str, application: str, time, mac: str = "-", version: str = ""):
        host, _, port = server.partition(":")
        self._server = (host, int(port) if port else PORT)
        origin = '[origin software="%s" swVersion="%s"]' % (application, version) if version else "-"
        self._names = " ".join((hostname or "-", application, mac, "-", origin))
        self._time = time
        self._waiting: list = []

    def __call__(self, level: str, text: str) -> None:
        self._waiting.append(self.line(level, text))
        if len(self._waiting) > _WAITING:
            self._waiting.pop(0)

    def line(self, level: str, text: str) -> bytes:
        """A message of RFC 5424 §6; text beyond ASCII is UTF-8 with a byte order mark (§6.4)."""
        seconds = self._time()
        head = "<%d>1 %s %s " % (
            _FACILITY * 8 + _SEVERITIES[level],
            "-" if seconds is None else timestamp(seconds),
            self._names,
        )
        mark = "" if all(c < "\x7f" for c in text) else "\ufeff"
        return (head + mark + text).encode()

    async def run(self, phone) -> None:
        """Send the waiting lines while `phone` (app.phone.Phone) runs."""
        while phone.address is None:
            await compat.sleep(_LOOK_MS)
        address = await phone.resolver.resolve(*self._server)
        sock = free_socket(phone.address[0])
        try:
            while True:
                while self._waiting:
                    # A failure is not logged, as that line would cause the next failure.
                    line = self._waiting.pop(0)
                    try:
                        sock.send(line, address)
                    except OSError:
                        sock.errors += 1
                while sock.receive() is not None:
                    pass
                await compat.sleep(_LOOK_MS)
        finally:
            sock.close()


def timestamp(seconds: int) -> str:
    """`seconds` since 1970 as an RFC 3339 timestamp."""
    year, month, day = date_since_1970(seconds // 86400)
    rest = seconds % 86400
    return "%04d-%02d-%02dT%02d:%02d:%02dZ" % (year, month, day, rest // 3600, rest // 60 % 60, rest % 60)
