"""What this phone can do, for those who choose among the Contacts of an AOR (RFC 3840)."""

from sip.user_agent import METHODS


def feature_tags(user_agent) -> "list[tuple]":
    """[(name, value)] of the parameters that a registered Contact has (§9)."""
    tags = [("audio", None), ("methods", '"%s"' % ",".join(METHODS))]
    if user_agent.event_server is not None and user_agent.event_server.names:
        tags.append(("events", '"%s"' % ",".join(user_agent.event_server.names)))
    return tags
