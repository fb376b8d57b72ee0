"""Words for the event counters, on the status screen and in the web interface."""

from compat import lookup

_WORDS = (
    ("challenge_from_stranger", "Authentication requests by strangers"),
    ("evicted", "Oldest connection closed"),
    ("fail_overs", "Next server tried"),
    ("flows_lost", "Server connection lost"),
    ("foreign_responses", "Responses for others"),
    ("internal_errors", "Internal errors"),
    ("keep_alives", "Keep-alives received"),
    ("login_too_soon", "Login too soon"),
    ("lost", "Connection lost"),
    ("malformed", "Malformed messages"),
    ("malformed_notify", "Malformed NOTIFYs"),
    ("malformed_response", "Malformed responses"),
    ("no_memory", "Not enough memory"),
    ("no_token", "Request without token"),
    ("notify_from_stranger", "NOTIFYs by strangers"),
    ("other_host", "Request for other host"),
    ("other_origin", "Request by other site"),
    ("refer_from_stranger", "REFERs by strangers"),
    ("refused", "Too many connections"),
    ("stray_responses", "Unexpected responses"),
    ("stray_stun", "Unexpected STUN"),
    ("strangers", "Requests by strangers"),
    ("subscribe_refused", "SUBSCRIBEs refused"),
    ("timeout", "Request timed out"),
    ("too_large", "Messages too large"),
    ("too_many_connections", "Too many connections"),
    ("too_many_forks", "Too many forks"),
    ("too_many_subscriptions", "Too many subscribers"),
    ("too_many_transactions", "Too many requests"),
    ("transport_errors", "Not sent"),
    ("unreachable", "No way to the server"),
    ("unusable_early_media", "Unusable early media"),
    ("wrong_password", "Wrong password"),
)


def in_words(name: str) -> str:
    """The words for the counter `name`: "web_…" is the web interface's, "failed_…" a task's, others SIP's."""
    if name[:4] == "web_":
        return "Web: " + in_words(name[4:])
    if name[:7] == "failed_":
        return "Task restarted: " + name[7:]
    if name[:8] == "refused_":
        return "Refused (%s)" % name[8:]
    return lookup(_WORDS, name, name)
