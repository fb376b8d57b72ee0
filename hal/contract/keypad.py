"""The interface of every keypad."""


class Keypad:
    """Keys by name: `0`-`9 * #`, and words for the others (`ok`, `hold`, `line1` …).

    Keys are debounced here. Any two keys may be down together, and each is reported. Three or more are not
    reported while the wiring (no diodes) cannot tell which they are.
    """

    keys: tuple  # the names of all keys

    def poll(self, now: int) -> "tuple[str, str] | None":
        """Scan the keys; return one (key, kind), or None. Every 5 to 20 ms, call it until it returns None.

        `kind` is "press" when a key went down, "long" once if it is still down after 800 ms, and "release"
        when it came up. Every "press" has its "release", and a "long" comes between the two.
        """
