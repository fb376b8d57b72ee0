"""Message waiting (MWI): application/simple-message-summary (RFC 3842 §5)."""

from compat import const, decode, is_digits
from sip.syntax.grammar import ParseError

CONTENT_TYPE = "application/simple-message-summary"

_MAX_LINES = const(64)
_MAX_COUNT = const(9999)
_MAX_ACCOUNT = const(255)
_WORDS = {"yes": True, "no": False}


class Summary:
    """The state of a mailbox.

    waiting        whether the server says that messages wait
    account        the address of the mailbox as a string, or None
    new, old       numbers of voice messages; both 0 if only `waiting` was given
    urgent         number of urgent ones among the new
    """

    def __init__(self, waiting: bool, account=None, new: int = 0, old: int = 0, urgent: int = 0):
        self.waiting = waiting
        self.account = account
        self.new = new
        self.old = old
        self.urgent = urgent

    def __eq__(self, other):
        return isinstance(other, Summary) and self.__dict__ == other.__dict__


def parse(body) -> Summary:
    """The Summary in the body of a NOTIFY; ParseError if it does not say whether messages wait.

    Some servers send lines in another order, malformed counts, or new messages without Messages-Waiting.
    """
    waiting = None
    summary = Summary(False)
    begun = False
    lines = decode(body).replace("\r\n", "\n").split("\n")
    for line in lines[:_MAX_LINES]:
        if not line.strip(" \t"):
            if not begun:
                continue
            break  # headers of single messages follow (§5.2)
        begun = True
        name, _, value = line.partition(":")
        name = name.strip(" \t").lower()
        value = value.strip(" \t")
        if name in ("messages-waiting", "message-waiting"):
            waiting = _WORDS.get(value.lower(), waiting)
        elif name == "message-account":
            summary.account = value[:_MAX_ACCOUNT]
        elif name == "voice-message":
            _take_counts(summary, value)
            if waiting is None and summary.new:
                waiting = True
    if waiting is None:
        raise ParseError("no Messages-Waiting")
    summary.waiting = waiting
    return summary


def _take_counts(summary, value):
    counts, _, urgent = value.partition("(")
    try:
        summary.new, summary.old = _counts(counts)
        if urgent:
            summary.urgent = _counts(urgent.rstrip(" \t").rstrip(")"))[0]
    except ParseError:
        pass  # `waiting` is known without the counts


def _counts(text):
    """`2/8` as (2, 8)."""
    new, slash, old = text.partition("/")
    return _count(new), _count(old) if slash else 0


def _count(text):
    text = text.strip(" \t")
    if not is_digits(text, len(text)):
        raise ParseError("malformed number of messages")
    return min(int(text[:9]), _MAX_COUNT)
