"""INFO within a call (RFC 2976, RFC 6086): digits of peers without RFC 4733; loaded with the first.

No Info Package (RFC 6086) is supported: an INFO with Info-Package is answered 469.
"""

from compat import const, decode
from sip.notices import DigitsReceived
from sip.syntax.grammar import ParseError

_DIGITS = "0123456789*#ABCD"
_NUMBERED = ("10", "*"), ("11", "#"), ("12", "A"), ("13", "B"), ("14", "C"), ("15", "D")  # as in RFC 4733
_MAX_LENGTH = const(256)
_TYPES = ("application/dtmf-relay", "application/dtmf")


def receive(user_agent, transaction, session, now: int) -> None:
    """An INFO came in the dialog of `session`. Raises ParseError."""
    request = transaction.request
    if request.get("Info-Package") is not None:
        user_agent.refuse(transaction, 469, now, [("Recv-Info", "")])
    elif not request.body:
        transaction.reply(200, now)  # some peers check so that the dialog exists
    elif request.content_type not in _TYPES:
        user_agent.refuse(transaction, 415, now, [("Accept", ", ".join(_TYPES))])
    else:
        digit = digit_of(request.content_type, request.body)
        transaction.reply(200, now)
        if digit:
            user_agent.endpoint.emit(DigitsReceived(session, digit))


def digit_of(content_type: str, body) -> str:
    """The digit in a body, one of `0-9*#A-D`; "" for any other signal (hook flash). Raises ParseError."""
    if len(body) > _MAX_LENGTH:
        raise ParseError("a digit of %d octets" % len(body))
    text = decode(body)
    if content_type == "application/dtmf-relay":
        for line in text.replace("\r", "\n").split("\n"):
            name, equals, value = line.partition("=")
            if equals and name.strip(" \t").lower() == "signal":
                break
        else:
            raise ParseError("no Signal")
        text = value
    text = text.strip(" \t\r\n").upper()
    for number, digit in _NUMBERED:
        if text == number:
            return digit
    return text if len(text) == 1 and text in _DIGITS else ""
