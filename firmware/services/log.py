"""The log: keeps the newest lines in memory and passes each to sinks, such as a console or a syslog server.

The length and number of lines are bounded. Callers log no secrets; control characters become spaces. With a
storage, lines of all levels but debug are kept over a restart: see services.journal.
"""

import compat
from compat import const, ticks_diff

LEVELS = ("error", "warning", "info", "debug")
MAX_LINES = 24
_MAX_LENGTH = const(200)
_MAX_DEBUG = const(800)  # most of a SIP message


class Log:
    """`sinks` are called as `sink(level, text)`; a sink that raises is dropped.

    `level` is the least important level that is kept: "error", "warning", "info" or "debug". `now()` returns
    the local time as services.clock.Clock.now does. `later(log)` has `save` called some time after a line;
    without `later` nothing is stored. `count` is the number of lines since the start.
    """

    is_patient = True  # `save` waits for the end of a call: see phone.late_writes

    def __init__(self, level: str = "info", now=None, later=None, storage=None):
        self.level = level
        self.sinks: list = []
        self.count = 0
        self._now = now
        self._later = later
        self._storage = storage
        self._begun = compat.ticks_ms()
        self._rows: list = []  # "time level text": a string takes less heap than a tuple
        self._unsaved = 0  # how many of the newest rows are not stored

    def error(self, message: str) -> None:
        self._write("error", message)

    def warning(self, message: str) -> None:
        self._write("warning", message)

    def info(self, message: str) -> None:
        self._write("info", message)

    def debug(self, message: str) -> None:
        self._write("debug", message)

    def failure(self, where: str, error: BaseException) -> None:
        """Log an unhandled exception: where it happened, its type and its message."""
        self._write("error", "%s: %s: %s" % (where, type(error).__name__, error))

    def lines(self) -> list:
        """The newest lines as (level, text), oldest first."""
        return [tuple(row.split(" ", 2)[1:]) for row in self._rows]

    def rows(self, count: "int | None" = None) -> list:
        """The newest `count` rows, "time level text"; for None the rows that are not stored yet."""
        count = self._unsaved if count is None else count
        return self._rows[-count:] if count > 0 else []

    def save(self) -> None:
        """Store the rows that are not stored yet."""
        from services import journal

        rows, self._unsaved = self.rows(), 0
        journal.save(self._storage, rows)
        compat.forget("services.journal")

    def _write(self, level: str, message: str) -> None:
        if LEVELS.index(level) > LEVELS.index(self.level):
            return
        most = _MAX_DEBUG if level == "debug" else _MAX_LENGTH
        message = "".join(c if c >= " " and c != "\x7f" else " " for c in message[:most])
        self._rows.append("%s %s %s" % (self._stamp(), level, message))
        if len(self._rows) > MAX_LINES:
            self._rows.pop(0)
        self.count += 1
        self._unsaved = min(self._unsaved + 1, MAX_LINES)
        if self._later and level != "debug":
            self._later(self)
        for sink in list(self.sinks):
            try:
                sink(level, message)
            except Exception:
                self.sinks.remove(sink)

    def _stamp(self):
        """The local time; while it is not known, the time since the start as "+12s"."""
        time = self._now() if self._now else None
        if time is None:
            return "+%ds" % (ticks_diff(compat.ticks_ms(), self._begun) // 1000)
        return "%04d-%02d-%02dT%02d:%02d:%02d" % tuple(time[:6])
