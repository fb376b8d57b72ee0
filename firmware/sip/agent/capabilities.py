"""What this user agent can do: for Allow and Supported, and for who chooses among the Contacts of an AOR (RFC 3840)."""

METHODS = (
    "INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "PRACK", "UPDATE", "REFER", "NOTIFY", "SUBSCRIBE", "MESSAGE", "INFO",
)  # fmt: skip
ALLOW = ", ".join(METHODS)
EXTENSIONS = ("100rel", "timer", "replaces", "norefersub", "tdialog")
SUPPORTED = ", ".join(EXTENSIONS)


def feature_tags(user_agent) -> "list[tuple]":
    """[(name, value)] of the parameters that a registered Contact has (RFC 3840 §9)."""
    tags = [("audio", None), ("methods", '"%s"' % ",".join(METHODS))]
    if user_agent.event_server is not None and user_agent.event_server.names:
        tags.append(("events", '"%s"' % ",".join(user_agent.event_server.names)))
    return tags
