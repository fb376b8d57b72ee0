"""Dial plan: from what the person keyed in to the URI that is called."""

from sip import uri
from sip.grammar import ParseError, is_token

_VISUAL = " -./()"
_DIALLED = "0123456789*#+"


class DialError(ValueError):
    """What was keyed in cannot be called; the message is for the person."""


class DialPlan:
    """`domain` is the host that numbers are called at, None for that of the line's own AOR."""

    def __init__(self, domain=None):
        self.domain = domain

    def target(self, text: str, account) -> "uri.Uri":
        """The URI for `text`: a number, a name at the line's domain, or a whole SIP URI. Raises DialError."""
        text = text.strip()
        try:
            if text[:4].lower() in ("sip:", "tel:") or text[:5].lower() == "sips:":
                return uri.parse(text)
            if "@" in text:
                return uri.parse("sip:" + text)
        except ParseError:
            raise DialError("Not an address")
        number = "".join(character for character in text if character not in _VISUAL)
        if not number or not (is_token(number) or _is_number(number)):
            raise DialError("Not a number")
        aor = account.aor
        target = uri.Uri("sip", self.domain or aor.host, user=number.replace("#", "%23"))
        if not self.domain:
            target.port = aor.port
        return target


def _is_number(text):
    return not text.strip(_DIALLED)
