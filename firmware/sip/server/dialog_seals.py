"""Seals in a proxy's Record-Route: they let a dialog reach its two ends only (RFC 3261 §16.6(4)).

A seal names the next hop of one direction of a dialog, so the two ends get different seals. The callee gets
its seal in the request; that seal leads to the caller. The caller gets its seal in the response (§16.7,
step 8); that seal leads to the callee. If an end changes its Contact in a message that a seal let through,
the other end can reach the new Contact.
"""

import binascii
import hashlib

from compat import compare_digest, const
from sip.limits import MOVED_ENDS
from sip.sending import next_hop

_MAC = const(8)  # octets
_MAX_TEXT = const(600)

TO_CALLER = "c"
TO_CALLEE = "s"


PARAMETER = "pass"  # of our Record-Route, with the seal


class DialogSeals:
    """Seals are strings, valid for one Call-ID, one tag of the caller, and one direction."""

    def __init__(self, random):
        self._secret = random(16)
        self._moved = []  # [(Call-ID, tag), hop], the oldest first

    def seal(self, request, direction: str, hop) -> str:
        """A seal for the dialog that `request` begins; `hop` is (host, port), or None to allow nothing."""
        octets = (direction + ("" if hop is None else "%s %d" % hop)).encode()
        mac = self._mac(octets, request.call_id, request.from_.tag)
        return binascii.hexlify(mac + octets).decode()

    def is_sealed(self, text: "str | None", request) -> bool:
        """Whether `text` is a seal of ours for the dialog and the direction of `request`."""
        return self._opened(text, request) is not None

    def seal_response(self, request, response, seal: str, reachable) -> None:
        """Replace the callee's seal by the caller's in our Record-Route in `response`.

        Our routes are those with the callee's `seal`. `reachable(hop)` gives the hop, or None if not allowed.
        """
        routes = response.record_routes
        response.remove("Record-Route")
        above = []
        for route in routes if response.status < 300 else ():
            if route.uri.params.get(PARAMETER) == seal:
                if above is None:
                    route.uri.params.pop(PARAMETER)
                else:
                    hop = reachable(hop_behind(above[-1:], response.contacts))
                    route.uri.params[PARAMETER] = self.seal(request, TO_CALLEE, hop)
                    above = None
            elif above is not None:
                above.append(route)
            response.add("Record-Route", route)

    def allows(self, text: "str | None", request, hop) -> bool:
        """Whether the seal `text` allows `request` to go to `hop`."""
        sealed = self._opened(text, request)
        if sealed is None or hop is None:
            return False
        return sealed == "%s %d" % hop or hop == self._place_of((request.call_id, request.to.tag))

    def move(self, call_id: str, tag: "str | None", hop) -> None:
        """Remember that the end with that tag is now at `hop`."""
        key = (call_id, tag)
        self._moved = [each for each in self._moved if each[0] != key][1 - MOVED_ENDS :] + [[key, hop]]

    def _place_of(self, key):
        for known, hop in self._moved:
            if known == key:
                return hop
        return None

    def _opened(self, text, request):
        """The hop in the seal, as a string, "" for none; None if the seal is not ours."""
        if not text or len(text) > _MAX_TEXT or request.to.tag is None:
            return None
        try:
            octets = binascii.unhexlify(text)
        except ValueError:
            return None
        mac, octets = octets[:_MAC], octets[_MAC:]
        # The caller's tag is in To if the request goes to the caller, else in From.
        began = request.to if octets[:1] == TO_CALLER.encode() else request.from_
        if not compare_digest(mac, self._mac(octets, request.call_id, began.tag)):
            return None
        return octets[1:].decode()

    def _mac(self, octets, call_id, tag):
        scope = (call_id + "\n" + (tag or "") + "\n").encode()
        return hashlib.sha256(self._secret + scope + octets).digest()[:_MAC]


def hop_of(uri) -> "tuple[str, int] | None":
    """(host, port) of the next hop `uri`, or None."""
    return next_hop(uri, uri.transport or "udp")


def hop_behind(routes, contacts):
    """The next hop beyond us: that of the first of `routes`, else of the one Contact; None for neither."""
    if routes:
        return hop_of(routes[0].uri)
    return hop_of(contacts[0].uri) if len(contacts) == 1 and contacts[0].uri is not None else None
