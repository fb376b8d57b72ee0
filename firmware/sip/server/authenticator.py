"""Digest authentication of servers (RFC 7616, RFC 8760, RFC 3261 §22): challenges, and the check of
credentials."""

import binascii
import hashlib

from compat import compare_digest, const, ticks_diff
from sip.digest import MissingAlgorithm, digest_response, read_challenge, split_algorithm, supported
from sip.syntax.grammar import ParseError, quote
from sip.syntax.headers import CHALLENGES
from sip.syntax.uri import default_port, parse

_MAX_NONCES = const(64)  # nonces whose nonce count is kept
_LIFETIME_MS = const(300_000)  # of a nonce
_SECRET_MS = const(86_400_000)  # lifetime of the secret that seals nonces; far below the period of ticks


class Authenticator:
    """Makes challenges, and checks credentials.

    `lookup(user, algorithm)` returns the user's `ha1` for that algorithm, or None. A nonce contains its time
    and a seal, so a flood of challenges costs no memory. Only nonces that a valid user has used are kept, up
    to a limit, to refuse a repeated nonce count. A client without qop sends no count, and may use a nonce
    once.
    """

    def __init__(self, realm: str, lookup, random, algorithms=None, lifetime_ms: int = _LIFETIME_MS):
        self.realm = realm
        self.algorithms = tuple(algorithms or supported())
        for algorithm in self.algorithms:
            if algorithm not in supported():
                raise MissingAlgorithm("no " + algorithm + " in this interpreter's hashlib")
        self.lifetime_ms = lifetime_ms
        self._lookup = lookup
        self._random = random
        self._tag_secret = random(16)
        self._secret = None
        self._secret_made = 0
        self._end = None  # Timer: ticks wrap, so without it a secret 12.4 days old would look new
        self._used = {}  # nonce -> the highest count seen
        self._evicted = None  # the time of the latest nonce that was removed from `_used`

    def challenge(self, now: int, stale: bool = False) -> "list[str]":
        """Values of WWW-Authenticate or Proxy-Authenticate, the most preferred first (RFC 8760 §2.3)."""
        self._renew_secret(now)
        stamp = "{:x}-{}".format(now, binascii.hexlify(self._random(4)).decode())
        start = "Digest realm=" + quote(self.realm) + ', nonce="' + stamp + "-" + self._seal(stamp) + '"'
        end = ', qop="auth"' + (", stale=true" if stale else "")
        return [start + ", algorithm=" + algorithm + end for algorithm in self.algorithms]

    def demand(self, transaction, status: int, stale: bool, now: int) -> None:
        """Challenge with 401 or 407, without retransmission and state (RFC 3261 §26.3.2.4)."""
        if self._end is None:
            self._end = transaction.endpoint.timers.start(_SECRET_MS, self, "secret", now)
        transaction.to_tag = self._tag_of(transaction.request)
        response = transaction.response(status)
        for text in self.challenge(now, stale):
            response.add(CHALLENGES[0] if status == 401 else CHALLENGES[1], text)
        transaction.respond(response, now)
        if not transaction.request.to.tag:
            transaction.evict(now)  # not within a dialog, where its ACK would look like any other

    def on_timer(self, name: str, now: int) -> None:
        """From Timers: the secret has expired, and with it all nonces."""
        self._end = self._secret = None

    def is_of_challenge(self, ack) -> bool:
        """Whether an ACK is that of a challenge by `demand`, and so must not be forwarded."""
        return compare_digest((ack.to.tag or "").encode(), self._tag_of(ack).encode())

    def _tag_of(self, request):
        """The To tag of our challenge: its ACK has the same tag, so no state is needed (§8.2.7)."""
        parts = (request.via.branch or "", request.call_id, str(request.cseq.number))
        octets = self._tag_secret + "\n".join(parts).encode()
        return binascii.hexlify(hashlib.sha256(octets).digest()[:8]).decode()

    def check(self, request, header_name: str, now: int) -> "tuple[str | None, bool]":
        """(user, False) if the credentials in `request` are valid; otherwise (None, stale).

        stale is True if the password is right but the nonce is not valid (RFC 7616 §3.3). `header_name` is
        "Authorization" or "Proxy-Authorization". The digest-uri must match the Request-URI (RFC 7616 §3.4.6),
        or an intercepted digest would be valid for any call.
        """
        self._renew_secret(now)
        for text in request.all(header_name):
            params = read_challenge(text)
            if params is not None and params["realm"] == self.realm:
                user = self._proven(params, request)
                if user is None:
                    return None, False
                return (user, False) if self._accept(params, now) else (None, True)
        return None, False

    def _proven(self, params, request):
        algorithm, session = split_algorithm(params.get("algorithm", "MD5"))
        qop = params.get("qop")
        qop = qop and qop.lower()
        user = params.get("username")
        cnonce = params.get("cnonce", "")
        if algorithm not in self.algorithms or qop not in (None, "auth", "auth-int") or not user:
            return None
        if not _is_same_resource(params.get("uri", ""), request.uri):
            return None
        secret = self._lookup(user, algorithm)
        if secret is None:
            return None
        expected = digest_response(
            algorithm,
            session,
            secret,
            params["nonce"],
            cnonce,
            params.get("nc", ""),
            qop,
            request.method,
            params.get("uri", ""),
            request.body,
        )
        return (
            user if compare_digest(expected.encode(), params.get("response", "").lower().encode()) else None
        )

    def _accept(self, params, now):
        nonce = params["nonce"]
        issued = self._issued(nonce, now)
        if issued is None:
            return False
        count = _count(params)
        if nonce not in self._used:
            if self._evicted is not None and ticks_diff(issued, self._evicted) <= 0:
                return False
            self._make_room(now)
        elif count <= self._used[nonce]:
            return False
        self._used[nonce] = count
        return count > 0

    def _issued(self, nonce, now):
        """The tick at which we issued `nonce`; None if it is not ours, or has expired."""
        stamp, _, seal = nonce.rpartition("-")
        if self._secret is None or not compare_digest(seal.encode(), self._seal(stamp).encode()):
            return None
        issued = _stamped(nonce)
        return issued if 0 <= ticks_diff(now, issued) < self.lifetime_ms else None

    def _make_room(self, now):
        for nonce in list(self._used):
            if self._issued(nonce, now) is None:
                del self._used[nonce]
        if len(self._used) >= _MAX_NONCES:
            oldest = None
            for nonce in self._used:
                if oldest is None or ticks_diff(_stamped(nonce), _stamped(oldest)) < 0:
                    oldest = nonce
            self._evicted = _stamped(oldest)
            del self._used[oldest]

    def _renew_secret(self, now):
        if self._secret is None or not 0 <= ticks_diff(now, self._secret_made) < _SECRET_MS:
            self._secret = self._random(16)
            self._secret_made = now
            self._used.clear()
            self._evicted = None

    def _seal(self, stamp):
        return binascii.hexlify(hashlib.sha256(self._secret + stamp.encode()).digest()[:16]).decode()


def _is_same_resource(text, target):
    """Whether a digest-uri matches the Request-URI (for HTTP a string); parameters are ignored."""
    if text == str(target) or isinstance(target, str):
        return text == str(target)
    try:
        named = parse(text)
    except ParseError:
        return False
    return _resource(named) == _resource(target)


def _resource(uri):
    return (
        uri.scheme,
        uri.opaque,
        uri.name,
        (uri.host or "").lower(),
        uri.port or default_port(uri.scheme == "sips"),
    )


def _stamped(nonce):
    """The tick in a nonce of ours."""
    return int(nonce[: nonce.find("-")], 16)


def _count(params):
    """The nonce count; 1 without qop, 0 if malformed."""
    if "qop" not in params:
        return 1
    try:
        return int(params["nc"], 16) if len(params.get("nc", "")) == 8 else 0
    except ValueError:
        return 0
