"""Encryption of a call's media: offer and answer of `a=crypto` (RFC 4568 §7.1).

Loaded only for a line that encrypts. In the profile RTP/AVP a peer may ignore `a=crypto` (RFC 8643); RTP/SAVP
requires encryption.
"""

from compat import const
from sip.call.crypto_attribute import SUITES, CryptoAttribute, Key, parse
from sip.syntax.grammar import ParseError

_MAX_ATTRIBUTES = const(16)  # of one section: further ones are ignored

_SECURE = "RTP/SAVP"


class Encryption:
    """Our side for one call: `keys` is [(crypto-suite, octets of key and salt)], best first.

    With `required` unencrypted media are refused.
    """

    def __init__(self, keys, required: bool = False):
        self.keys = keys
        self.required = required

    @property
    def profile(self) -> str:
        """The profile of our offer."""
        return _SECURE if self.required else "RTP/AVP"

    def attributes(self) -> list:
        """The attributes of our offer, as (name, value)."""
        return [
            ("crypto", str(CryptoAttribute(at + 1, suite, [Key(octets)])))
            for at, (suite, octets) in enumerate(self.keys)
        ]

    def choose(self, section) -> "tuple[Crypto, tuple] | None":
        """For an offer: (Crypto, the attribute of our answer), or None if nothing in it is usable.

        The first usable attribute of the offer is chosen (§7.1.2).
        """
        for theirs in _usable(section):
            for suite, octets in self.keys:
                if suite == theirs.suite:
                    ours = CryptoAttribute(theirs.tag, suite, [Key(octets)])
                    return Crypto(suite, octets, theirs.keys), ("crypto", str(ours))
        return None

    def accept(self, section) -> "Crypto | None":
        """For an answer to our offer: the Crypto; None if it matches none of our attributes (§7.1.3)."""
        found = _attributes(section)
        theirs = found[0] if len(found) == 1 else None
        if theirs is None or not theirs.usable or not 0 < theirs.tag <= len(self.keys):
            return None
        suite, octets = self.keys[theirs.tag - 1]
        return Crypto(suite, octets, theirs.keys) if suite == theirs.suite else None


class Crypto:
    """The agreed encryption: `suite`, `send_key` (octets of key and salt), `receive_keys` [Key]."""

    def __init__(self, suite: str, send_key: bytes, receive_keys):
        self.suite = suite
        self.send_key = send_key
        self.receive_keys = receive_keys

    def __eq__(self, other):
        return isinstance(other, Crypto) and self.__dict__ == other.__dict__

    def __ne__(self, other):
        return not self == other

    def __repr__(self):
        return "<Crypto %s>" % self.suite


def policy(account, secure: bool) -> "Encryption | None":
    """The Encryption, without keys, that a call of `account` may use; `secure`: its signalling is over TLS.

    None: no encryption. An Encryption that is required but has no suites: the call is not possible.
    """
    required = account.encryption == "require"
    if secure or account.keys_in_clear:
        return Encryption([(suite, b"") for suite, _ in SUITES], required)
    return Encryption([], True) if required else None


def with_keys(allowed: "Encryption | None", random) -> "Encryption | None":
    """A copy of `allowed` with new keys; `random(n)` gives n random octets."""
    if allowed is None:
        return None
    octets = dict(SUITES)
    return Encryption([(suite, random(octets[suite])) for suite, _ in allowed.keys], allowed.required)


def _attributes(section):
    """[CryptoAttribute] of a section, without malformed ones and duplicate tags."""
    found, tags = [], []
    values = [value for name, value in section.attributes if name == "crypto"]
    for value in values[:_MAX_ATTRIBUTES]:
        try:
            attribute = parse(value or "")
        except ParseError:
            continue
        if attribute.tag not in tags:
            tags.append(attribute.tag)
            found.append(attribute)
    return found


def _usable(section):
    return [attribute for attribute in _attributes(section) if attribute.usable]
