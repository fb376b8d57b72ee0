"""Headers that a proxy removes: credentials and challenges of its own realm, and identities asserted by
strangers (RFC 3261 §22.3, RFC 3325 §5)."""

from sip.syntax.grammar import ParseError
from sip.syntax.headers import CHALLENGES, CREDENTIALS, parse_challenge, parse_name_addr

_ASSERTED = ("P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID")
_DIVERTED = ("Diversion", "History-Info")


def strip_credentials(request, realm: str) -> None:
    """Remove credentials for `realm`: downstream they are useful to an attacker only."""
    for name in CREDENTIALS:
        _keep(request, name, lambda text: _realm_of(text) not in (None, realm) or realm not in text)


def strip_challenges(response, realm: str) -> bool:
    """Remove challenges of others for `realm`, and ambiguous ones; True if no challenge is left."""
    left = removed = 0
    for name in CHALLENGES:
        removed += _keep(response, name, lambda text: _is_foreign(text, realm))
        left += len(response.all(name))
    return removed > 0 and left == 0


def strip_identities(message, is_own=None) -> None:
    """Remove asserted identities and, of strangers, diversions.

    `is_own(Uri)` says whether an identity is that of the sending user; None: the sender is a stranger.
    """
    for name in _ASSERTED if is_own else _ASSERTED + _DIVERTED:
        _keep(message, name, lambda text: is_own is not None and _names(text, is_own))


def _keep(message, name, wanted):
    """Keep the wanted values of a header; returns the number of removed ones."""
    try:
        values = message.all(name)
    except ParseError:
        message.remove(name)
        return 1
    kept = [text for text in values if wanted(text)]
    if len(kept) < len(values):
        message.remove(name)
        for text in kept:
            message.add(name, text)
    return len(values) - len(kept)


def _realm_of(text):
    try:
        return parse_challenge(text)[1].get("realm")
    except ParseError:
        return None


def _is_foreign(text, realm):
    # Two challenges in one value, or a malformed one, may be for our realm to another parser.
    return _realm_of(text) not in (None, realm) and text.lower().count("realm") == 1


def _names(text, is_own):
    try:
        return is_own(parse_name_addr(text).uri)
    except ParseError:
        return False
