"""Echo cancellation: removes the loudspeaker from the microphone signal (native module `echo_core`)."""

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
    """The echo canceller of one codec. `heard` and `played` allocate nothing.

    `module` is echo_core, `steps` the engine's amplification of a 32-bit microphone in steps of 6 dB.
    """

    def __init__(self, module, codec, steps: int):
        wide = codec.capture_bits == 32
        self._cancel = module.cancel_wide if wide else module.cancel
        # `heard` uses a frame that was written one frame earlier; one block less, as playout may start late.
        blocks = max((codec.lead_ms - _FRAME_MS) // _BLOCK_MS - 1, 0)
        self._state = module.new(codec.rate, _NOISE | _LEVEL | (steps << _GAIN_SHIFT if wide else 0), blocks)
        self._far = bytearray(codec.playout_bytes)

    def heard(self, frame) -> None:
        """Remove the echo from a captured frame, in place."""
        self._cancel(self._state, frame, self._far)

    def played(self, frame) -> None:
        """The loudspeaker plays `frame` next."""
        self._far[_WHOLE] = frame


def echo_of(codec, steps: int) -> "Echo | None":
    """The Echo for `codec`; None without the module, at an unsupported rate, or without enough memory."""
    module, _ = core.find_native("echo_core")
    if module is None or codec.rate not in (8000, 16000):
        return None
    try:
        return Echo(module, codec, steps)
    except MemoryError:
        return None
