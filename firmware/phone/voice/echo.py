"""The loudspeaker's echo, taken out of what the microphone hears (native module `echo_core`)."""

from compat import const
from media import core

_NOISE = const(1)
_LEVEL = const(2)
_GAIN_SHIFT = const(8)
_BLOCK_MS = const(10)
_FRAME_MS = const(20)


class _Key:
    def __getitem__(self, key):
        return key


_WHOLE = _Key()[:]  # a slice of everything, made once: each `frame[:]` would take heap for another


class Echo:
    """Knows what was played last. In `heard` and `played` nothing is allocated.

    `module` is echo_core, `steps` of 6 dB are what the engine amplifies a microphone of 32 bits by.
    """

    def __init__(self, module, codec, steps: int):
        wide = codec.capture_bits == 32
        self._cancel = module.cancel_wide if wide else module.cancel
        # What `heard` has was written a frame before; a block is left to what starts a little late.
        blocks = max((codec.lead_ms - _FRAME_MS) // _BLOCK_MS - 1, 0)
        self._state = module.new(codec.rate, _NOISE | _LEVEL | (steps << _GAIN_SHIFT if wide else 0), blocks)
        self._far = bytearray(codec.playout_bytes)

    def heard(self, frame) -> None:
        """Take the echo out of a captured frame, in place."""
        self._cancel(self._state, frame, self._far)

    def played(self, frame) -> None:
        """That frame is what the loudspeaker plays next."""
        self._far[_WHOLE] = frame


def echo_of(codec, steps: int) -> "Echo | None":
    """None where module, rate or memory does not allow it."""
    module, _ = core.find_native("echo_core")
    if module is None or codec.rate not in (8000, 16000):
        return None
    try:
        return Echo(module, codec, steps)
    except MemoryError:
        return None
