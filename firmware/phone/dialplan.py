"""Dial plan: from the number that the person entered to the URI that is called."""

from sip.syntax import uri
from sip.syntax.grammar import ParseError

_VISUAL = " -./()"
_MAX_LENGTH = 255
_NEVER = ':<>"\\'  # never in a number


class DialError(ValueError):
    """The number cannot be called; the message is for the person."""


class DialPlan:
    """`domain` is the host of the URI of a number; None: the host of the line's own AOR."""

    def __init__(self, domain=None):
        self.domain = domain

    def target(self, text: str, account) -> "uri.Uri":
        """The URI for `text`: a number, a name at the line's domain, or a whole URI. Raises DialError."""
        text = text.strip()
        if len(text) > _MAX_LENGTH:
            raise DialError("Too long")
        try:
            if text[:4].lower() == "sip:" or text[:5].lower() == "sips:":
                return uri.parse(text)
            if text[:4].lower() == "tel:":
                text = uri.parse(text).user
            elif "@" in text:
                return uri.parse(account.aor.scheme + ":" + text)
        except ParseError:
            raise DialError("Not an address")
        return self._at_domain(text, account.aor)

    def _at_domain(self, text, aor):
        """A number as a SIP URI (RFC 3261 §19.1.6), so that no proxy needs to understand tel:. A sips: line
        calls sips: URIs, secure hop by hop (RFC 5630 §5.1.1)."""
        number = "".join(character for character in text if character not in _VISUAL)
        if not number or any(character < " " or character in _NEVER for character in number):
            raise DialError("Not a number")
        user = number.replace("%", "%25").replace("#", "%23")
        if self.domain:
            return uri.Uri(aor.scheme, self.domain, user)
        return uri.Uri(aor.scheme, aor.host, user, port=aor.port)
