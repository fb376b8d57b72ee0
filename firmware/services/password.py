"""The password hash of the web interface: PBKDF2-HMAC-SHA256 (RFC 8018 §5.2).

As a string: "pbkdf2-sha256$COUNT$SALT$KEY", with hexadecimal SALT and KEY. COUNT is the number of iterations
in half a second, measured when the password is set: thousands on a chip, far fewer than a server would use.
"""

import hashlib
from binascii import hexlify, unhexlify

import compat
from compat import compare_digest, const, is_digits, ticks_diff

MIN_LENGTH, MAX_LENGTH = 8, 64  # characters of a password

_MIN_COUNT = const(1000)
MAX_COUNT = 20000  # more would keep a chip busy for many seconds at each login
_TARGET_MS = const(500)
_SLICE = 50  # iterations until other tasks may run: some ms on a chip
_WAIT_MS = const(20)
_SALT = const(16)
_KEY = const(32)
_NAME = "pbkdf2-sha256"


async def make_hash(password: str, count: "int | None" = None) -> str:
    """The hash of `password`, as a string, with `count` iterations; None: as measured here."""
    salt = compat.urandom(_SALT)
    if count is None:
        count = await _measured()
    key = await _derive(password.encode(), salt, count)
    return "$".join((_NAME, str(count), hexlify(salt).decode(), hexlify(key).decode()))


async def matches(password: str, kept: str) -> bool:
    """Whether `kept` is the hash of `password`. A wrong password takes as long as the right one."""
    parsed = parse(kept)
    if parsed is None or len(password) > MAX_LENGTH:
        return False
    count, salt, key = parsed
    return compare_digest(await _derive(password.encode(), salt, count), key)


def parse(kept: str) -> "tuple[int, bytes, bytes] | None":
    """(count, salt, key) of a password hash; None if `kept` is not one."""
    parts = kept.split("$")
    if len(parts) != 4 or parts[0] != _NAME or not is_digits(parts[1], 5):
        return None
    if not 1 <= int(parts[1]) <= MAX_COUNT or len(parts[2]) != 2 * _SALT or len(parts[3]) != 2 * _KEY:
        return None
    if not is_digits(parts[2] + parts[3], 2 * (_SALT + _KEY), "0123456789abcdef"):
        return None
    return int(parts[1]), unhexlify(parts[2]), unhexlify(parts[3])


def wrong_choice(password) -> "str | None":
    """The error in a new password, in words; None if the password is acceptable."""
    if not isinstance(password, str):
        return "must be a string"
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        return "must have %d to %d characters" % (MIN_LENGTH, MAX_LENGTH)
    if len(set(password)) < 4:
        return "must have at least 4 different characters"
    return None


_turn = []  # not empty while a key is derived


class _Hmac:
    """Repeated HMAC-SHA256 (RFC 2104) of 32 bytes, in buffers that are made once."""

    def __init__(self, key):
        if len(key) > 64:
            key = hashlib.sha256(key).digest()
        key = key + bytes(64 - len(key))
        self._inner_pad = bytes([octet ^ 0x36 for octet in key])
        self._inner = bytearray(self._inner_pad + bytes(32))
        self._outer = bytearray(bytes([octet ^ 0x5C for octet in key]) + bytes(32))

    def first(self, message):
        return self._outwards(hashlib.sha256(self._inner_pad + message).digest())

    def next(self, digest):
        self._inner[64:] = digest
        return self._outwards(hashlib.sha256(self._inner).digest())

    def _outwards(self, digest):
        self._outer[64:] = digest
        return hashlib.sha256(self._outer).digest()


async def _derive(password, salt, count):
    """`_pbkdf2`, one at a time, as each takes heap and most of the CPU."""
    while _turn:
        await compat.sleep(_WAIT_MS)
    _turn.append(True)
    try:
        return await _pbkdf2(password, salt, count)
    finally:
        _turn.pop()


async def _pbkdf2(password, salt, count):
    """The first and only block of PBKDF2: a key of 32 bytes."""
    hmac = _Hmac(password)
    digest = hmac.first(salt + b"\0\0\0\1")
    key = int.from_bytes(digest, "big")
    for done in range(1, count):
        digest = hmac.next(digest)
        key ^= int.from_bytes(digest, "big")
        if done % _SLICE == 0:
            await compat.sleep(0)
    return key.to_bytes(_KEY, "big")


async def _measured():
    """The number of iterations that take _TARGET_MS, within the bounds."""
    hmac = _Hmac(b"measured")
    digest = hmac.first(b"")
    started = compat.ticks_ms()
    done = 0
    while ticks_diff(compat.ticks_ms(), started) < 50 and done < 4 * _SLICE:
        for _ in range(_SLICE):
            digest = hmac.next(digest)
        done += _SLICE
    took = max(ticks_diff(compat.ticks_ms(), started), 1)
    await compat.sleep(0)
    return min(max(done * _TARGET_MS // took, _MIN_COUNT), MAX_COUNT)
