"""The voice core for CPython: the shared library that tools/build_native.py --host makes, through ctypes.

The same functions as the native module on a chip. Importing raises ImportError if the library is not built.
A buffer that the core refuses (length, alignment) is a ValueError.
"""

import ctypes
from pathlib import Path

LIBRARY = (
    Path(__file__).resolve().parents[3] / "build" / "native" / "host" / (__name__.split(".")[-1] + ".so")
)

try:
    _library = ctypes.CDLL(str(LIBRARY))
except OSError as error:
    raise ImportError("no voice core here, run tools/build_native.py --host: %s" % error) from None

_COUNT = ctypes.c_uint32
_BUFFER = ctypes.c_void_p

# name -> argument types; all return int.
_FUNCTIONS = {
    "voice_size": [],
    "voice_start": [_BUFFER, _COUNT, _COUNT, _COUNT],
    "voice_open": [_BUFFER, _BUFFER, _COUNT],
    "voice_update": [_BUFFER, _BUFFER, _COUNT],
    "voice_close": [_BUFFER],
    "voice_transmit": [_BUFFER, _BUFFER, _COUNT, _BUFFER, _COUNT, _COUNT],
    "voice_receive": [_BUFFER, _BUFFER, _COUNT, _COUNT],
    "voice_playout": [_BUFFER, _BUFFER, _COUNT],
    "voice_set": [_BUFFER, _COUNT, _COUNT],
    "voice_counters": [_BUFFER, _BUFFER, _COUNT],
    "voice_tone": [_BUFFER, _BUFFER, _COUNT],
    "voice_send_digit": [_BUFFER, _COUNT, _COUNT],
    "voice_next_digit": [_BUFFER],
    "voice_mix": [_BUFFER, _COUNT, _BUFFER, _COUNT],
    "voice_adjust": [_BUFFER, _COUNT, _COUNT, _COUNT, _COUNT],
}
for _name, _arguments in _FUNCTIONS.items():
    try:
        getattr(_library, _name).argtypes = _arguments
    except AttributeError:
        raise ImportError("the voice core here is an older one, run tools/build_native.py --host") from None


def _given(buffer):
    """(an address for ctypes, length in octets) of a buffer that the core reads."""
    view = memoryview(buffer)
    if view.readonly:
        return bytes(view), view.nbytes
    return _filled(view)


def _filled(buffer):
    """As `_given`, of a buffer that the core writes; TypeError for a read-only buffer."""
    view = memoryview(buffer)
    return (ctypes.c_char * view.nbytes).from_buffer(view), view.nbytes


def _checked(result: int) -> int:
    if result < 0:
        raise ValueError("the voice core refused a buffer or a number")
    return result


def new():
    """The state of a voice, not started."""
    return (ctypes.c_uint32 * (_library.voice_size() // 4))()


def start(voice, rate: int, capture_bits: int) -> None:
    _checked(_library.voice_start(voice, ctypes.sizeof(voice), rate, capture_bits))


def open(voice, parameters) -> None:
    _checked(_library.voice_open(voice, _given(parameters)[0], len(parameters)))


def update(voice, parameters) -> None:
    _checked(_library.voice_update(voice, _given(parameters)[0], len(parameters)))


def close(voice) -> None:
    _checked(_library.voice_close(voice))


def transmit(voice, frame, packet, now: int) -> int:
    octets, length = _given(frame)
    room, size = _filled(packet)
    return _checked(_library.voice_transmit(voice, octets, length, room, size, now & 0xFFFFFFFF))


def receive(voice, packet, length: int, now: int) -> int:
    octets, size = _given(packet)
    if not 0 <= length <= size:
        raise ValueError("length %d of a buffer of %d" % (length, size))
    return _checked(_library.voice_receive(voice, octets, length, now & 0xFFFFFFFF))


def playout(voice, frame) -> None:
    _checked(_library.voice_playout(voice, *_filled(frame)))


def set(voice, option: int, value: int) -> None:
    _checked(_library.voice_set(voice, option, value))


def counters(voice, values) -> None:
    _checked(_library.voice_counters(voice, _filled(values)[0], len(values)))


def play_tone(voice, script) -> None:
    _checked(_library.voice_tone(voice, *_given(script)))


def send_digit(voice, event: int, ms: int) -> int:
    return _checked(_library.voice_send_digit(voice, event, ms))


def mix(frame, other) -> None:
    _checked(_library.voice_mix(*_filled(frame), *_given(other)))


def adjust(frame, bits: int, steps: int, volume: int) -> None:
    _checked(_library.voice_adjust(*_filled(frame), bits, steps, volume))


def next_digit(voice) -> int:
    return _library.voice_next_digit(voice)
