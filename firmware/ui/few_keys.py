"""Few keys: a board with the outer two of the four softkeys only; loaded where the board is such a one.

The left key does what the first three would: holding it brings the next function to it. So it acts when it
comes up, and what has not been held acts as ever.
"""

from compat import const
from ui.keymap import SOFTKEYS

_LAST = const(3)


class FewKeys:
    """Between the keys of the board and the screen that `shell` shows."""

    def __init__(self, shell):
        self._shell = shell
        self._screen = None  # for which `_turn` counts
        self._turn = 0
        self._held = False

    def labels(self, screen) -> list:
        """What stands above the four keys; ">" says that holding the key brings more."""
        shown = [label for label, _ in screen.softkeys]
        slots = self._slots(screen)
        if slots:
            label = shown[slots[self._turn % len(slots)]]
            shown[:_LAST] = [label + (">" if len(slots) > 1 else ""), "", ""]
        return shown

    def translate(self, key: str, kind: str) -> "tuple[str, str] | None":
        """The (key, kind) that the screen gets for a key of the board; None for nothing."""
        if key != SOFTKEYS[0]:
            return key, kind
        slots = self._slots(self._shell.screen)
        if len(slots) < 2:
            return (SOFTKEYS[slots[0]] if slots else key), kind
        if kind == "press":
            self._held = False
        elif kind == "long":
            self._held = True
            self._turn += 1
        elif not self._held:
            return SOFTKEYS[slots[self._turn % len(slots)]], "press"
        return None

    def _slots(self, screen):
        """Which of the first three softkeys do something."""
        if screen is not self._screen:
            self._screen = screen
            self._turn = 0
        return [slot for slot, (label, _) in enumerate(screen.softkeys[:_LAST]) if label]
