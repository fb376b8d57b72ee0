"""The echo canceller for CPython: the shared library that tools/build_native.py --host makes, through ctypes.

The same functions as the native module on a chip: `new(rate, options, delay)` makes a state, and
`cancel(state, mic, far)` removes the echo of `far` from `mic` in place. Importing raises ImportError if the
library is not built. Invalid settings and buffers are a ValueError.
"""

import ctypes
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[3] / "build" / "native" / "host" / "echo_core.so"

try:
    _library = ctypes.CDLL(str(LIBRARY))
    _library.echo_size.argtypes = [ctypes.c_uint32] * 2
    _library.echo_start.argtypes = [ctypes.c_void_p] + [ctypes.c_uint32] * 3
    for _function in (_library.echo_cancel, _library.echo_cancel_wide):
        _function.argtypes = [ctypes.c_void_p] * 3 + [ctypes.c_uint32]
except (OSError, AttributeError) as error:
    raise ImportError("no echo core here, run tools/build_native.py --host: %s" % error) from None


def new(rate: int, options: int, delay: int):
    """A new state."""
    octets = _library.echo_size(rate, delay)
    if octets == 0:
        raise ValueError("the echo core refused its settings")
    state = (ctypes.c_uint32 * (octets // 4))()
    _library.echo_start(state, rate, options, delay)
    return state


def cancel(state, mic, far) -> None:
    """Cancel with 16-bit samples."""
    _cancel(_library.echo_cancel, state, mic, far, 2)


def cancel_wide(state, mic, far) -> None:
    """Cancel with 32-bit microphone samples."""
    _cancel(_library.echo_cancel_wide, state, mic, far, 4)


def _cancel(function, state, mic, far, octets):
    view, played = memoryview(mic), bytes(far)
    if view.nbytes * 2 != len(played) * octets or len(played) % (2 * state[0]):
        raise ValueError("the echo core refused a buffer")
    function(state, (ctypes.c_char * view.nbytes).from_buffer(view), played, len(played) // (2 * state[0]))
