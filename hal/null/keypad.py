"""No keys: none is ever pressed."""


class Keypad:
    keys: tuple = ()

    def poll(self, now: int) -> "tuple[str, str] | None":
        return None
