"""Few keys: for a board with only the outer two of the four softkeys; loaded on such a board only.

The left key stands for the first three softkeys: a long press changes it to the next one's function. So its
function is called when the key is released after a short press.
"""

from compat import const
from ui.keymap import SOFTKEYS

_LAST = const(3)


class FewKeys:
    """Translates the keys of the board for the screen that `shell` shows."""

    def __init__(self, shell):
        self._shell = shell
        self._screen = None  # the screen to which `_turn` belongs
        self._turn = 0
        self._held = False

    def labels(self, screen) -> list:
        """The labels above the four keys; ">" marks a key with more functions (long press)."""
        shown = [label for label, _ in screen.softkeys]
        slots = self._slots(screen)
        if slots:
            label = shown[slots[self._turn % len(slots)]]
            shown[:_LAST] = [label + (">" if len(slots) > 1 else ""), "", ""]
        return shown

    def translate(self, key: str, kind: str) -> "tuple[str, str] | None":
        """The (key, kind) for the screen from a key event of the board; None: no event."""
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
        """The indices of those of the first three softkeys that have a function."""
        if screen is not self._screen:
            self._screen = screen
            self._turn = 0
        return [slot for slot, (label, _) in enumerate(screen.softkeys[:_LAST]) if label]
