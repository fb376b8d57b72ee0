"""Telephone numbers as targets (RFC 3966); loaded with the first tel URI from a peer."""

from sip.syntax.uri import Uri


def at_domain(uri, aor):
    """The SIP Uri for the number of a tel Uri, at the domain of `aor` (RFC 3261 §19.1.6)."""
    number = "".join(character for character in uri.user if character not in "-.()")
    return Uri(aor.scheme, aor.host, number.replace("#", "%23"), port=aor.port)
