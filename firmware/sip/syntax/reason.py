"""The Reason header (RFC 3326): why a call ended; loaded with the first one."""

from sip.syntax.grammar import ParseError, number, quote, unquote
from sip.syntax.headers import parse_valued


class Cause:
    """One reason-value: `protocol` "SIP", "Q.850" …; `code` its number or None; `text` for people."""

    def __init__(self, protocol: str, code, text: str = ""):
        self.protocol = protocol
        self.code = code
        self.text = text

    @property
    def elsewhere(self) -> bool:
        """Whether another phone answered the call, which was therefore not missed (RFC 3326 §2)."""
        return self.protocol == "SIP" and self.code is not None and 200 <= self.code < 300

    def __str__(self):
        text = self.protocol
        if self.code is not None:
            text += ";cause=" + str(self.code)
        return text + ";text=" + quote(self.text) if self.text else text

    def __repr__(self):
        return "<Cause " + str(self) + ">"


ELSEWHERE = Cause("SIP", 200, "Call completed elsewhere")
EXPIRED = Cause("SIP", 408, "Session expired")


def cause_of(message) -> "Cause | None":
    """The first Cause in `message`, preferably of protocol SIP; None without a valid one."""
    found = None
    try:
        for text in message.all("Reason"):
            value = parse_valued(text)
            code = value.params.get("cause")
            code = None if code is None else number(code, "cause", 999)
            cause = Cause(value.value.upper(), code, unquote(value.params.get("text") or ""))
            if found is None or cause.protocol == "SIP" and found.protocol != "SIP":
                found = cause
    except ParseError:
        pass
    return found
