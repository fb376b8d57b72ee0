"""G.722 for CPython: the shared library that tools/build_native.py --host makes, through ctypes.

The same functions as the native module on a chip: `new` makes the state of an encoder or a decoder. Importing
raises ImportError where the library is not built. Buffers that do not fit each other are a ValueError.
"""

import ctypes
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[3] / "build" / "native" / "host" / "wide_core.so"

try:
    _library = ctypes.CDLL(str(LIBRARY))
    _library.g722_size.argtypes = []
    for _function in (_library.g722_start, _library.g722_encode, _library.g722_decode):
        _function.argtypes = [ctypes.c_void_p] * 3 + [ctypes.c_uint32]
    _library.g722_start.argtypes = [ctypes.c_void_p]
except (OSError, AttributeError) as error:
    raise ImportError("no wideband core here, run tools/build_native.py --host: %s" % error) from None


def new():
    """A state at its start."""
    state = (ctypes.c_uint32 * (_library.g722_size() // 4))()
    _library.g722_start(state)
    return state


def _fitting(octets, samples):
    count = memoryview(octets).nbytes
    if memoryview(samples).nbytes != count * 4:
        raise ValueError("the wideband core refused a buffer")
    return count


def _filled(buffer):
    view = memoryview(buffer)
    return (ctypes.c_char * view.nbytes).from_buffer(view)


def encode(state, samples, octets) -> None:
    count = _fitting(octets, samples)
    _library.g722_encode(state, _filled(octets), bytes(samples), count)


def decode(state, octets, samples) -> None:
    count = _fitting(octets, samples)
    _library.g722_decode(state, _filled(samples), bytes(octets), count)
