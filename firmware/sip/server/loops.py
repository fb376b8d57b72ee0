"""Loops (RFC 3261 §16.3(4), RFC 5393 §4.2.1): a branch of ours ends with a hash of what decides a request's
way."""

import binascii
import hashlib

from sip.syntax.uri import default_port

# What decides where a request goes next, beside its URI (§16.6(8)).
_DECIDING = ("Route", "Proxy-Require", "Proxy-Authorization")


def hash_of(request) -> str:
    """The hash for a branch of ours."""
    parts = [str(request.uri), request.call_id, str(request.cseq.number)]
    parts += [request.from_.tag or "", request.to.tag or ""]
    for name in _DECIDING:
        parts += request.all(name)
    return binascii.hexlify(hashlib.sha256("\n".join(parts).encode()).digest()[:8]).decode()


def looped(request, own) -> bool:
    """Whether `request` was at one of the (host, port) in `own` before, all the same that decides its way."""
    loop = None
    for via in request.vias:
        if (via.host, via.port or default_port(via.transport == "TLS")) in own:
            loop = loop or hash_of(request)
            if (via.branch or "").endswith("." + loop):
                return True
    return False
