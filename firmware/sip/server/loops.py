"""Loop detection (RFC 3261 §16.3(4), RFC 5393 §4.2.1): our branches end with a hash of all that decides the
routing of a request."""

import binascii
import hashlib

from sip.syntax.uri import default_port

# Headers that decide the routing of a request, beside its URI (§16.6(8)).
_DECIDING = ("Route", "Proxy-Require", "Proxy-Authorization")


def hash_of(request) -> str:
    """The hash for a branch of ours."""
    parts = [str(request.uri), request.call_id, str(request.cseq.number)]
    parts += [request.from_.tag or "", request.to.tag or ""]
    for name in _DECIDING:
        parts += request.all(name)
    return binascii.hexlify(hashlib.sha256("\n".join(parts).encode()).digest()[:8]).decode()


def looped(request, own) -> bool:
    """Whether `request` passed one of the (host, port) in `own` before, with the same hash."""
    loop = None
    for via in request.vias:
        if (via.host, via.port or default_port(via.transport == "TLS")) in own:
            loop = loop or hash_of(request)
            if (via.branch or "").endswith("." + loop):
                return True
    return False
