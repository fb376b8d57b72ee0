"""Several keypads as one, for example a matrix and an encoder."""


class Keypad:
    """No two of the keypads may have the same key."""

    def __init__(self, *keypads):
        self._keypads = keypads
        self.keys = ()
        for keypad in keypads:
            self.keys += keypad.keys

    def poll(self, now: int) -> "tuple[str, str] | None":
        for keypad in self._keypads:
            news = keypad.poll(now)
            if news is not None:
                return news
        return None
