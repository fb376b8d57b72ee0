"""Digest authentication of clients (RFC 7616, RFC 8760, RFC 3261 §22); authenticator.py has the server side.

Algorithms MD5 and SHA-256, each also `-sess`; qop `auth`, none (RFC 2069), and `auth-int` where nothing else
is offered. Passwords leave this module as digests only.
"""

import binascii
import hashlib

from compat import const
from sip.syntax.grammar import ParseError, quote
from sip.syntax.headers import CHALLENGES, CREDENTIALS, parse_challenge

_MAX_SPACES = const(8)  # realms that one Credentials remembers
_MAX_REALMS = const(4)  # realms of our own server that one Credentials remembers

# Strongest first, each with its name in hashlib.
_ALGORITHMS = (("SHA-256", "sha256"), ("MD5", "md5"))


class MissingAlgorithm(Exception):
    """The interpreter's hashlib lacks the algorithm (MD5, in MicroPython builds without TLS)."""


def supported() -> "list[str]":
    """The algorithms that the interpreter's hashlib has, strongest first."""
    return [name for name, attribute in _ALGORITHMS if hasattr(hashlib, attribute)]


def _hash(algorithm, octets):
    for name, attribute in _ALGORITHMS:
        if name == algorithm:
            try:
                function = getattr(hashlib, attribute)
            except AttributeError:
                raise MissingAlgorithm("this interpreter's hashlib has no " + attribute)
            return binascii.hexlify(function(octets).digest()).decode()
    raise MissingAlgorithm("unknown digest algorithm")


def ha1(user: str, realm: str, password: str, algorithm: str = "MD5") -> str:
    """H(user:realm:password) in hexadecimal: the password hash that a server stores.

    Raises MissingAlgorithm.
    """
    return _hash(algorithm, (user + ":" + realm + ":" + password).encode())


def split_algorithm(text):
    """("SHA-256", True) of "sha-256-sess"."""
    text = text.upper()
    session = text.endswith("-SESS")
    return (text[:-5] if session else text), session


def digest_response(algorithm, session, secret, nonce, cnonce, nc, qop, method, uri, body):
    """The `response` parameter (RFC 7616 §3.4.1); `secret` is HA1, `qop` may be None."""
    if session:
        secret = _hash(algorithm, (secret + ":" + nonce + ":" + cnonce).encode())
    text = method + ":" + uri
    if qop == "auth-int":
        text += ":" + _hash(algorithm, body)
    proof = _hash(algorithm, text.encode())
    middle = nonce if qop is None else ":".join((nonce, nc, cnonce, qop))
    return _hash(algorithm, (secret + ":" + middle + ":" + proof).encode())


class _Password:
    """A password hidden from `repr`; MicroPython's `repr` of a closure would show it."""

    def __init__(self, text):
        self._text = text

    def __repr__(self):
        return "<password>"

    def ha1(self, user, space):
        return ha1(user, space.realm, self._text, space.algorithm)


class _Space:
    """A protection space: one realm, one credentials header, and the latest challenge."""

    def __init__(self, header, params, random):
        self.header = header
        self.realm = params["realm"]
        self.nonce = params["nonce"]
        self.opaque = params.get("opaque")
        self.written_algorithm = params.get("algorithm")
        self.algorithm, self.session = split_algorithm(self.written_algorithm or "MD5")
        self.qop = _best_qop(params.get("qop"))
        self.stale = params.get("stale", "").lower() == "true"
        self.count = 0
        # `-sess` needs the same cnonce for the life of the nonce.
        self.cnonce = binascii.hexlify(random(8)).decode()

    def credentials(self, user, secret, method, uri, body):
        self.count += 1
        nc = "{:08x}".format(self.count)
        response = digest_response(
            self.algorithm, self.session, secret, self.nonce, self.cnonce, nc, self.qop, method, uri, body
        )
        parts = ["username=" + quote(user), "realm=" + quote(self.realm), "nonce=" + quote(self.nonce)]
        parts += ["uri=" + quote(uri), 'response="' + response + '"']
        if self.written_algorithm:
            parts.append("algorithm=" + self.written_algorithm)
        if self.qop or self.session:
            parts.append('cnonce="' + self.cnonce + '"')
        if self.opaque is not None:
            parts.append("opaque=" + quote(self.opaque))
        if self.qop:
            parts += ["qop=" + self.qop, "nc=" + nc]
        return "Digest " + ", ".join(parts)


def _best_qop(offered):
    """The strongest qop in `offered`; None if nothing is offered, "" if none is supported."""
    if not offered:
        return None
    offered = [each.strip(" \t").lower() for each in offered.split(",")]
    for qop in ("auth", "auth-int"):
        if qop in offered:
            return qop
    return ""


def read_challenge(text):
    """The parameters of a Digest challenge; None for another scheme or a malformed challenge."""
    try:
        scheme, params = parse_challenge(text)
    except ParseError:
        return None
    return params if scheme == "digest" and "realm" in params and "nonce" in params else None


class Credentials:
    """A user name and password, and the challenges that they have answered.

    `realm` is the only realm that they answer for; "*": any realm. `minimum` is the weakest algorithm that
    they answer with. `problem` says why the last challenge was not answered.
    """

    def __init__(self, user: str, password: str, realm=None, minimum: str = "MD5"):
        self.user = user
        self.realm = realm
        self.minimum = minimum
        self._realms = []  # of our own server
        self.problem = None
        self._password = _Password(password)
        self._spaces = []

    def __repr__(self):
        return "<Credentials " + self.user + ">"

    def answer(
        self, response, method: str, uri, body: bytes, random, request=None, trusted=None
    ) -> "list[tuple[str, str]] | None":
        """Headers that answer the challenges in a 401 or 407, for the request that is sent again, or None.

        None means that no challenge can be answered. Of several challenges for a realm the strongest is
        answered. `request` is the one that was challenged: a nonce that it already answers is not answered
        again unless it is stale, because the password must be wrong.
        `random(n)` gives n random octets.

        The receiver of an answer can try passwords on it offline. So `trusted` limits the realms: None means
        that the request went to our own server, whose realms are remembered; otherwise `trusted` is a list of
        realms that are answered besides the remembered ones.
        """
        self.problem = None
        chosen = []
        for name, header in zip(CHALLENGES, CREDENTIALS):
            for text in response.all(name):
                params = read_challenge(text)
                if params is not None and self._answers_for(params["realm"], trusted):
                    self._consider(chosen, _Space(header, params, random))
        chosen = [space for space in chosen if not _refused(space, request)]
        if not chosen:
            self.problem = self.problem or "no challenge that this password answers"
            return None
        chosen = [self._remember(space) for space in chosen[:_MAX_SPACES]]
        # Proxies whose challenges the request already answered would challenge it again (RFC 3261 §22.3).
        chosen = [each for each in self._spaces if each not in chosen and _carried(each, request)] + chosen
        return [(space.header, self._credentials(space, method, uri, body)) for space in chosen]

    def authorize(self, method: str, uri, body: bytes = b"") -> "list[tuple[str, str]]":
        """Headers for a new request, from earlier challenges: they spare a round trip."""
        return [(space.header, self._credentials(space, method, uri, body)) for space in self._spaces]

    def forget(self) -> None:
        """Drop all challenges, so that the next request is sent without credentials."""
        self._spaces = []

    def _credentials(self, space, method, uri, body):
        return space.credentials(self.user, self._password.ha1(self.user, space), method, str(uri), body)

    def _answers_for(self, realm, trusted):
        if self.realm is not None:
            return self.realm in ("*", realm)
        if trusted is None and realm not in self._realms:
            self._realms = self._realms[-_MAX_REALMS + 1 :] + [realm]
        if realm in self._realms or realm in trusted:
            return True
        self.problem = "a challenge for a realm that is not our server's"
        return False

    def _consider(self, chosen, space):
        if space.algorithm not in supported():
            self.problem = "no digest algorithm in common: the server asks for one that this build lacks"
            return
        if space.algorithm == "MD5" and self.minimum != "MD5":
            self.problem = "the server asks for a weaker digest than is configured"
            return
        if space.qop == "":
            self.problem = "no quality of protection in common"
            return
        for at, other in enumerate(chosen):
            if other.header == space.header and other.realm == space.realm:
                if _strength(space) > _strength(other):
                    chosen[at] = space
                return
        chosen.append(space)

    def _remember(self, space):
        for at, known in enumerate(self._spaces):
            if known.header == space.header and known.realm == space.realm:
                if (known.nonce, known.written_algorithm, known.qop) == (
                    space.nonce,
                    space.written_algorithm,
                    space.qop,
                ):
                    return known  # with its nonce count
                self._spaces[at] = space
                return space
        if len(self._spaces) == _MAX_SPACES:
            self._spaces.pop(0)
        self._spaces.append(space)
        return space


def _strength(space):
    return (-supported().index(space.algorithm), ("", None, "auth-int", "auth").index(space.qop))


def _refused(space, request):
    """Whether `request` already answered this challenge, so that the password must be wrong."""
    return not space.stale and _carried(space, request)


def _carried(space, request):
    if request is None:
        return False
    for text in request.all(space.header):
        params = read_challenge(text)
        if params and params["realm"] == space.realm and params["nonce"] == space.nonce:
            return True
    return False
