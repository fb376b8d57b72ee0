"""The chip's own real-time clock: MicroPython's `time` reads it."""

import time
from machine import RTC

# Where `time.gmtime` counts from on this port: 1970 or 2000.
_EPOCH_S = 946684800 if time.gmtime(0)[0] == 2000 else 0


class Clock:
    needs_setting = True
    is_set = False

    def set(self, seconds: int) -> None:
        year, month, day, hour, minute, second, weekday = time.gmtime(seconds - _EPOCH_S)[:7]
        RTC().datetime((year, month, day, weekday, hour, minute, second, 0))
