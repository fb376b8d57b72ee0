"""`a=crypto`: the keys of SRTP in a session description (RFC 4568, RFC 6188, RFC 7714).

    crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:4

Keys are secret: no `repr` and no error text shows them.
"""

from binascii import a2b_base64, b2a_base64

from compat import const, is_digits
from sip.syntax.grammar import ParseError, words

# (crypto-suite, octets of master key and salt together). The first is the cheapest, and every peer knows it.
SUITES = (
    ("AES_CM_128_HMAC_SHA1_80", 30),
    ("AEAD_AES_128_GCM", 28),
    ("AES_256_CM_HMAC_SHA1_80", 46),
    ("AES_CM_128_HMAC_SHA1_32", 30),
)

_MAX_KEYS = const(4)
_MAX_TEXT = const(1024)
_MAX_MKI = const(128)  # octets (§6.1)
_LIFETIME_BITS = const(48)  # RFC 3711 §9.2

# Session parameters that do not weaken security and demand nothing of the receiver (§6.3.7).
_HARMLESS = ("WSH=",)


class Key:
    """`octets`: master key and salt; `lifetime`: in packets, 0 if not given; `mki`: b"" if not given."""

    def __init__(self, octets: bytes, lifetime: int = 0, mki: bytes = b""):
        self.octets = octets
        self.lifetime = lifetime
        self.mki = mki

    def __eq__(self, other):
        return isinstance(other, Key) and self.__dict__ == other.__dict__

    def __ne__(self, other):
        return not self == other

    def __repr__(self):
        return "<Key>"

    def __str__(self):
        text = "inline:" + b2a_base64(self.octets).decode().strip()
        if self.lifetime:
            text += "|" + str(self.lifetime)
        if self.mki:
            text += "|%d:%d" % (int.from_bytes(self.mki, "big"), len(self.mki))
        return text


class CryptoAttribute:
    """One `a=crypto`: `tag`, `suite` (its name), `keys` [Key], session `parameters` (strings)."""

    def __init__(self, tag: int, suite: str, keys, parameters=()):
        self.tag = tag
        self.suite = suite
        self.keys = keys
        self.parameters = parameters

    @property
    def usable(self) -> bool:
        """Whether we support the suite and the session parameters.

        An unknown parameter makes the whole attribute invalid, unless it begins with "-" (§6.3.8).
        """
        return any(self.suite == suite for suite, _ in SUITES) and all(
            each.startswith("-") or any(each.startswith(name) for name in _HARMLESS)
            for each in self.parameters
        )

    def __repr__(self):
        return "<CryptoAttribute %d %s>" % (self.tag, self.suite)

    def __str__(self):
        keys = ";".join([str(key) for key in self.keys])
        return " ".join([str(self.tag), self.suite, keys] + list(self.parameters))


def parse(text: str) -> CryptoAttribute:
    """The attribute with the value `text`; raises ParseError. Keys of unknown suites are not parsed."""
    parts = words(text.replace("\t", " ")) if len(text) <= _MAX_TEXT else ()
    if len(parts) < 3:
        raise ParseError("a=crypto: not a tag, a suite and a key")
    if not is_digits(parts[0], 9):
        raise ParseError("a=crypto: invalid tag")
    octets = dict(SUITES).get(parts[1])
    keys = []
    if octets is not None:
        listed = parts[2].split(";")
        if len(listed) > _MAX_KEYS:
            raise ParseError("a=crypto: more than %d keys" % _MAX_KEYS)
        keys = [_key(each, octets) for each in listed]
        lengths = {len(key.mki) for key in keys}
        if len(keys) > 1 and (
            len({key.mki for key in keys}) != len(keys) or len(lengths) > 1 or 0 in lengths
        ):
            # Several keys need distinct MKIs of the same length (§6.1).
            raise ParseError("a=crypto: keys that cannot be told apart")
    return CryptoAttribute(int(parts[0]), parts[1], keys, parts[3:])


def _key(text, octets):
    method, colon, rest = text.partition(":")
    parts = rest.split("|")
    if method.lower() != "inline" or not colon or len(parts) > 3:
        raise ParseError("a=crypto: not an inline key")
    key = Key(_decoded(parts[0], octets))
    others = parts[1:]
    if others and ":" not in others[0]:
        key.lifetime = _lifetime(others.pop(0))
    if others:
        key.mki = _mki(others.pop(0))
    if others:
        raise ParseError("a=crypto: more than a lifetime and an MKI")
    return key


def _decoded(text, octets):
    bare = text.rstrip("=")
    padded = bare + "=" * (-len(bare) % 4)
    try:
        decoded = a2b_base64(padded)
    except ValueError:
        decoded = b""
    # a2b_base64 skips invalid characters, so the result is encoded again and compared.
    if len(decoded) != octets or b2a_base64(decoded).decode().strip() != padded:
        raise ParseError("a=crypto: invalid key")
    return decoded


def _lifetime(text):
    power = text.startswith("2^")
    digits = text[2:] if power else text
    if not is_digits(digits, 15):
        raise ParseError("a=crypto: invalid lifetime")
    number = int(digits)
    if power and number > _LIFETIME_BITS:
        raise ParseError("a=crypto: invalid lifetime")
    packets = 1 << number if power else number
    if not 0 < packets <= 1 << _LIFETIME_BITS:
        raise ParseError("a=crypto: invalid lifetime")
    return packets


def _mki(text):
    number, _, length = text.partition(":")
    if not is_digits(number, 310) or not is_digits(length, 3) or not 0 < int(length) <= _MAX_MKI:
        raise ParseError("a=crypto: invalid MKI")
    value = int(number)
    if value >> 8 * int(length):
        raise ParseError("a=crypto: invalid MKI")
    return value.to_bytes(int(length), "big")
