"""What every keypad does."""


class Keypad:
    """Keys by name: `0`-`9 * #`, and words for the others (`ok`, `hold`, `line1` …).

    Keys are debounced here. Any two keys may be down together and each is reported on its own. Three or
    more, where the wiring cannot tell which they are (no diodes), are not reported until the wiring can tell.
    """

    keys: tuple  # the names of all keys there are

    def poll(self, now: int) -> "tuple[str, str] | None":
        """Look at the keys; return one (key, kind), or None. Call every 5 to 20 ms, until None.

        kind is "press" when a key went down, "long" once if it is still down after 800 ms, and "release"
        when it came up. Every press has its release, and a long comes between the two.
        """
