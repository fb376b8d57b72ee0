"""IPv6 addresses as everybody writes them (RFC 5952): one text for each. Loaded with the first of them."""

from sip.syntax import grammar


def text(octets) -> str:
    """16 octets as text."""
    return _text([octets[n] << 8 | octets[n + 1] for n in range(0, 16, 2)])


def canonical(host: str) -> str:
    """`host`, an IPv6 address in any of its spellings, in the usual one; what is none stays as it is."""
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
