"""Canonical text of IPv6 addresses (RFC 5952). Loaded with the first of them."""

from sip.syntax import grammar


def text(octets) -> str:
    """The canonical text of an address of 16 octets."""
    return _text([octets[n] << 8 | octets[n + 1] for n in range(0, 16, 2)])


def canonical(host: str) -> str:
    """The IPv6 address `host` in canonical form; any other string unchanged."""
    try:
        return _text(grammar.ipv6(host))
    except grammar.ParseError:
        return host


def _text(groups):
    first, longest = 0, 1  # a single zero is written out (§4.2.2)
    at = 0
    while at < 8:
        end = at
        while end < 8 and groups[end] == 0:
            end += 1
        if end - at > longest:
            first, longest = at, end - at
        at = max(end, at + 1)
    parts = ["%x" % group for group in groups]
    if longest == 1:
        return ":".join(parts)
    return ":".join(parts[:first]) + "::" + ":".join(parts[first + longest :])
