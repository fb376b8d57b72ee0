"""Draws SIP messages as arrows between named parties, one line for each, as they come."""

WIDTH = 26


class Ladder:
    """`parties` names the columns, left to right; the caller fills `addresses` {"host:port": name}."""

    def __init__(self, parties: list, write=print):
        self.addresses: dict = {}
        self._parties = parties
        self._write = write

    def head(self) -> None:
        self._write("".join(name.center(WIDTH) for name in self._parties).rstrip())
        self._write(self._bars())

    def message(self, source: str, destination: str, summary: str) -> None:
        """Draw a message between two addresses, if both are known."""
        names = [self.addresses.get(address) for address in (source, destination)]
        if None not in names:
            self._write(self._arrow(self._parties.index(names[0]), self._parties.index(names[1]), summary))

    def note(self, text: str) -> None:
        """Write a line of text that is not a message."""
        self._write(self._bars() + "   " + text)

    def _bars(self) -> str:
        return "".join("|".center(WIDTH) for _ in self._parties).rstrip()

    def _arrow(self, start: int, end: int, summary: str) -> str:
        line = list(self._bars().ljust(WIDTH * len(self._parties)))
        left, right = sorted((start, end))
        first, last = left * WIDTH + WIDTH // 2, right * WIDTH + WIDTH // 2 - 1
        body = (" " + summary[: last - first - 6] + " ").center(last - first, "-")
        line[first:last] = body
        line[last - 1 if end > start else first] = ">" if end > start else "<"
        return "".join(line).rstrip()


def summary(line: str) -> str:
    """The short form of a SIP message's first line: "INVITE" or "180 Ringing"."""
    return line[8:] if line.startswith("SIP/2.0 ") else line.split(" ", 1)[0]
