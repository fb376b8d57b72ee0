"""SRTP for CPython: the shared library that tools/build_native.py --host makes, through ctypes.

The same functions as the native module on a chip. Importing raises ImportError if the library is not built.
A buffer that the core refuses (length, alignment) is a ValueError.
"""

import ctypes
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[3] / "build" / "native" / "host" / "srtp_core.so"

try:
    _library = ctypes.CDLL(str(LIBRARY))
except OSError as error:
    raise ImportError("no SRTP core here, run tools/build_native.py --host: %s" % error) from None

_COUNT = ctypes.c_uint32
_BUFFER = ctypes.c_void_p
_PACKET = [_BUFFER, _BUFFER, _COUNT]

# name -> argument types; all return int.
_FUNCTIONS = {
    "srtp_size": [],
    "srtp_start": [_BUFFER, _COUNT, _COUNT, _BUFFER, _COUNT, _BUFFER, _COUNT, _COUNT],
    "srtp_follow": [_BUFFER, _BUFFER],
    "srtp_protect": _PACKET + [_COUNT],
    "srtp_protect_into": [_BUFFER, _BUFFER, _COUNT, _BUFFER, _COUNT],
    "srtp_protect_rtcp": _PACKET + [_COUNT],
    "srtp_unprotect": _PACKET,
    "srtp_unprotect_rtcp": _PACKET,
    "srtp_counters": [_BUFFER, _BUFFER, _COUNT],
    "srtp_wipe": [_BUFFER, _COUNT],
}
for _name, _arguments in _FUNCTIONS.items():
    try:
        getattr(_library, _name).argtypes = _arguments
    except AttributeError:
        raise ImportError("the SRTP core here is an older one, run tools/build_native.py --host") from None


def _filled(buffer):
    """(an address for ctypes, length in octets) of a buffer that the core writes."""
    view = memoryview(buffer)
    return (ctypes.c_char * view.nbytes).from_buffer(view), view.nbytes


def _checked(result: int) -> int:
    if result < 0:
        raise ValueError("the SRTP core refused a buffer or a number")
    return result


def _packet(buffer, length):
    octets, room = _filled(buffer)
    if not 0 <= length <= room:
        raise ValueError("length %d of a buffer of %d" % (length, room))
    return octets, room


def new():
    """The state of one direction, not started."""
    return (ctypes.c_uint32 * (_library.srtp_size() // 4))()


def start(srtp, suite: int, key, mki=b"", lifetime: int = 0) -> None:
    key, mki = bytes(key), bytes(mki)
    _checked(_library.srtp_start(srtp, ctypes.sizeof(srtp), suite, key, len(key), mki, len(mki), lifetime))


def follow(srtp, before) -> None:
    _checked(_library.srtp_follow(srtp, before))


def protect(srtp, packet, length: int) -> int:
    octets, room = _packet(packet, length)
    return _checked(_library.srtp_protect(srtp, octets, length, room))


def protect_into(srtp, packet, into) -> int:
    octets = bytes(packet)
    return _checked(_library.srtp_protect_into(srtp, octets, len(octets), *_filled(into)))


def protect_rtcp(srtp, packet, length: int) -> int:
    octets, room = _packet(packet, length)
    return _checked(_library.srtp_protect_rtcp(srtp, octets, length, room))


def unprotect(srtp, packet, length: int) -> int:
    return _checked(_library.srtp_unprotect(srtp, _packet(packet, length)[0], length))


def unprotect_rtcp(srtp, packet, length: int) -> int:
    return _checked(_library.srtp_unprotect_rtcp(srtp, _packet(packet, length)[0], length))


def counters(srtp, values) -> None:
    _checked(_library.srtp_counters(srtp, _filled(values)[0], len(values)))


def wipe(srtp) -> None:
    _checked(_library.srtp_wipe(srtp, ctypes.sizeof(srtp)))
