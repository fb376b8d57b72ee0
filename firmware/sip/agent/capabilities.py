"""Methods, extensions and feature tags (RFC 3840) of this user agent: for Allow, Supported and Contact."""

METHODS = ("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "PRACK", "UPDATE", "REFER", "NOTIFY")
METHODS += ("SUBSCRIBE", "MESSAGE", "INFO")
ALLOW = ", ".join(METHODS)
EXTENSIONS = ("100rel", "timer", "replaces", "norefersub", "tdialog")
SUPPORTED = ", ".join(EXTENSIONS)


def feature_tags(user_agent) -> "list[tuple]":
    """[(name, value)]: feature tags for the Contact that we register (RFC 3840 §9)."""
    tags = [("audio", None), ("methods", '"%s"' % ",".join(METHODS))]
    if user_agent.notifier is not None and user_agent.notifier.names:
        tags.append(("events", '"%s"' % ",".join(user_agent.notifier.names)))
    return tags
