"""What happened: the newest lines kept in memory, and handed to whoever listens: a console, a web page.

Each line is bounded, and so is their number. Callers log no secrets; what is not printable becomes blank.
"""

_LEVELS = ("error", "warning", "info", "debug")
_KEPT = 40
_MAX_LENGTH = 200


class Log:
    """`sinks` are called as `sink(level, text)`; one that raises is dropped, so that the phone goes on.

    `level` is the least important one that is kept: "error", "warning", "info" or "debug".
    """

    def __init__(self, level: str = "info"):
        self.level = level
        self.sinks: list = []
        self.counts = dict.fromkeys(_LEVELS, 0)
        self._lines: list = []

    def error(self, message: str) -> None:
        self._write("error", message)

    def warning(self, message: str) -> None:
        self._write("warning", message)

    def info(self, message: str) -> None:
        self._write("info", message)

    def debug(self, message: str) -> None:
        self._write("debug", message)

    def failure(self, where: str, error: BaseException) -> None:
        """An exception that nothing else handled: what the phone was doing, its type and its words."""
        self._write("error", "%s: %s: %s" % (where, type(error).__name__, error))

    def lines(self) -> list:
        """The newest lines as (level, text), oldest first."""
        return list(self._lines)

    def _write(self, level: str, message: str) -> None:
        self.counts[level] += 1
        if _LEVELS.index(level) > _LEVELS.index(self.level):
            return
        message = "".join(c if c >= " " and c != "\x7f" else " " for c in message[:_MAX_LENGTH])
        self._lines.append((level, message))
        if len(self._lines) > _KEPT:
            self._lines.pop(0)
        for sink in list(self.sinks):
            try:
                sink(level, message)
            except Exception:
                self.sinks.remove(sink)
