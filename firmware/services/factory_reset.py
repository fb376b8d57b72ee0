"""Factory reset: all that the owner and the network have put onto the phone goes, and only that.

Settings, passwords, certificates, calls and the phone book lie in the board's storage, and nothing else does:
the firmware is elsewhere. A mark is written first and removed last, so that a reset which loses its power is
completed by the next start: the phone is as before or empty, never between.
"""

import compat
from compat import const, ticks_add, ticks_diff

KEY = "*"  # held while the power comes, it asks for a reset
OWN_NETWORK = "#"  # … and this one for the phone's own wireless network
MARK = "factory-reset"

_NOTICE_MS = const(120)  # a key that is down at the start shows within this
_STEP_MS = const(10)
HOLD_S = 5


def reset(storage) -> None:
    """Empty `storage` (hal.contract.storage). OSError where the medium is broken; then nothing is gone yet,
    or the next start goes on with it."""
    storage.write(MARK, b"")
    finish(storage)


def finish(storage) -> bool:
    """Complete a reset that was begun; whether there was one. Called at every start, before all else."""
    if storage.read(MARK) is None:
        return False
    for name in storage.names():
        if name != MARK:
            storage.remove(name)
    storage.remove(MARK)
    return True


async def asked_for(keypad, show, hold_s: int = HOLD_S):
    """True if KEY is held since the power came, and for so long that it is meant; OWN_NETWORK if that key
    is down.

    `show(seconds)` tells the person how long it has still to be held; show(0) that the reset begins, and
    show(None) that the key was let go. Returns soon when the key is not down.
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
        # Another key beside it: somebody leans on the phone.
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
