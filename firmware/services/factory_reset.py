"""Factory reset: erases everything that the owner or the network has stored on the phone, and nothing else.

Settings, passwords, certificates, calls and the phone book are in the board's storage; the firmware is not. A
mark is written first and removed last, so that the next start completes a reset that a power loss has
interrupted: the storage is as before or empty, never between.
"""

import compat
from compat import const, ticks_add, ticks_diff

KEY = "*"  # held at power-on: factory reset
OWN_NETWORK = "#"  # held at power-on: open the phone's own wireless network
MARK = "factory-reset"

_NOTICE_MS = const(120)  # how long to look for a key that is held at the start
_STEP_MS = const(10)
HOLD_S = 5


def reset(storage) -> None:
    """Empty `storage` (hal.contract.storage). Raises OSError if the medium is broken; then nothing is erased
    yet, or the next start continues."""
    storage.write(MARK, b"")
    finish(storage)


def finish(storage) -> bool:
    """Complete a reset that was interrupted; whether there was one. Called first at every start."""
    if storage.read(MARK) is None:
        return False
    for name in storage.names():
        if name != MARK:
            storage.remove(name)
    storage.remove(MARK)
    return True


async def asked_for(keypad, show, hold_s: int = HOLD_S):
    """True if KEY is held since power-on and for `hold_s`; OWN_NETWORK if that key is held; else False.

    `show(seconds)` tells the person for how long the key must still be held; show(0): the reset begins;
    show(None): the key was released. Returns after 120 ms if no key is held.
    """
    down = False
    end = ticks_add(compat.ticks_ms(), _NOTICE_MS)
    while not down and ticks_diff(end, compat.ticks_ms()) > 0:
        news = _news(keypad)
        if news == [(OWN_NETWORK, "press")]:
            return OWN_NETWORK
        down = (KEY, "press") in news
        await compat.sleep(_STEP_MS)
    if not down:
        return False
    end = ticks_add(compat.ticks_ms(), hold_s * 1000)
    shown = None
    while True:
        left = ticks_diff(end, compat.ticks_ms())
        if left <= 0:
            show(0)
            return True
        seconds = (left + 999) // 1000
        if seconds != shown:
            show(seconds)
            shown = seconds
        # A second key: something presses on the keypad.
        if [key for key, kind in _news(keypad) if kind == "press" or (key, kind) == (KEY, "release")]:
            show(None)
            return False
        await compat.sleep(_STEP_MS)


def _news(keypad):
    found = []
    now = compat.ticks_ms()
    news = keypad.poll(now)
    while news is not None:
        found.append(news)
        news = keypad.poll(now)
    return found
