"""Why a call or a registration failed, in words for the person at the phone (RFC 3261 §21)."""

from compat import lookup

BUSY = 486  # Busy Here

# SIP status -> words; other statuses get the words of their class.
CALL = (
    (400, "Not understood"),
    (401, "Wrong password"),
    (403, "Not allowed"),
    (404, "Number not found"),
    (407, "Wrong password"),
    (408, "No answer"),
    (410, "No longer in service"),
    (415, "No common format"),
    (416, "Invalid address"),
    (480, "Not available"),
    (482, "Call loop detected"),
    (483, "Call loop detected"),
    (484, "Number incomplete"),
    (486, "Busy"),
    (487, "Cancelled"),
    (488, "No common codec"),
    (500, "Server error"),
    (502, "Server error"),
    (503, "Service unavailable"),
    (504, "No answer from server"),
    (600, "Busy"),
    (603, "Declined"),
    (604, "Number not found"),
    (606, "No common codec"),
)
# … when we refused the call.
OWN = (
    (486, "Rejected"),
    (500, "Call failed"),
)
# Statuses for SDP without a common codec or media format.
NO_COMMON_FORMAT = (415, 488, 606)
# Statuses that end an answered call when nobody hung up.
_LOST = (408, 481, 500, 503, 504)
CALL_CLASSES = (
    (3, "Number has moved"),
    (4, "Call failed"),
    (5, "Server error"),
    (6, "Declined"),
)

REGISTRATION = (
    (401, "Wrong user or password"),
    (403, "Account refused"),
    (404, "Unknown account"),
    (407, "Wrong user or password"),
    (408, "No answer from server"),
    (423, "Interval refused"),
    (503, "Server unreachable"),
)
REGISTRATION_CLASSES = (
    (3, "Account has moved"),
    (4, "Account refused"),
    (5, "Server error"),
    (6, "Account refused"),
)


def of_call(status: int, remote: bool, answered: bool = False) -> str:
    """Why a call ended; `remote`: the other side or the network ended it."""
    if 200 <= status < 300:
        return "Call ended"
    if answered and status in _LOST:
        return "Connection lost"
    own = lookup(OWN, status)
    if not remote and own:
        return own
    if status == 487 and remote:
        return "Missed call"
    return lookup(CALL, status) or lookup(CALL_CLASSES, status // 100, "Call failed")


def of_registration(status: int) -> str:
    """Why there is no registration; "" before any response."""
    return lookup(REGISTRATION, status) or lookup(REGISTRATION_CLASSES, status // 100, "")


def tone(status: int) -> str:
    """The call-progress tone for a call that ended with `status` (ITU-T E.180 §6, §7)."""
    return "busy" if status in (486, 600, 603) or status < 300 else "congestion"
