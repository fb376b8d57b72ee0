"""Client-initiated connections (RFC 5626) in servers: flow tokens, and registrations by flow."""

import binascii
import hashlib

from compat import is_digits
from sip.syntax.headers import parse_name_addr

_SEAL = 8  # octets


class FlowTokens:
    """Turns a flow, (transport, source), into a token for a URI's user part, and back (§5.2).

    Tokens are sealed with a secret, so that nobody can forge one and make us send to any address. `scope` is
    the Call-ID of the only dialog that a token in a Record-Route is valid for. In a Path, which only the
    registrar sees, it is "".
    """

    def __init__(self, random):
        self._secret = random(16)

    def token(self, transport: str, source, scope: str = "") -> str:
        octets = " ".join([transport] + [str(part) for part in source]).encode()
        return binascii.b2a_base64(self._seal(octets, scope) + octets).decode().strip()

    def flow(self, token: "str | None", scope: str = "") -> "tuple | None":
        """(transport, source) of a token of ours, None for anything else."""
        if not token or len(token) > 400:
            return None
        try:
            octets = binascii.a2b_base64(token)
        except ValueError:
            return None
        if len(octets) <= _SEAL or octets[:_SEAL] != self._seal(octets[_SEAL:], scope):
            return None
        parts = octets[_SEAL:].decode().split(" ")
        return parts[0], (parts[1], int(parts[2])) + tuple(parts[3:])

    def _seal(self, octets, scope):
        return hashlib.sha256(self._secret + scope.encode() + b"\n" + octets).digest()[:_SEAL]


def flow_of(contact, request) -> "tuple | None":
    """(instance, reg-id) if a Contact of a REGISTER asks for outbound, else None (§6)."""
    instance = contact.params.get("+sip.instance")
    number = contact.params.get("reg-id") or ""
    if not instance or not is_digits(number, 10) or not int(number):
        return None
    if "outbound" not in [option.lower() for option in request.all("Supported")]:
        return None
    return instance, int(number)


def first_hop_knows(request) -> bool:
    """Whether the first hop of the phone supports flows: this server, or a proxy with "ob" in its Path (§6).

    Raises ParseError.
    """
    paths = request.all("Path")
    if not paths:
        return len(request.vias) < 2
    return "ob" in parse_name_addr(paths[-1]).uri.params
