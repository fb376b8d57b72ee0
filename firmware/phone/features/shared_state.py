"""Shared state: our calls (RFC 4235) and presence (RFC 3856), for subscribers; presence is also published.

Only our servers may subscribe: a SUBSCRIBE from any address but that of the line's registrar is refused. The
server authorises the subscribers behind it.
"""

from sip.event import dialog_info, pidf
from sip.event.notifier import Notifier
from sip.event.publication import Publication

_EXPIRES_S = 3600


class _Calls:
    """The event package `dialog`."""

    name = "dialog"
    content_type = dialog_info.CONTENT_TYPE

    def __init__(self, part):
        self._part = part

    def allows(self, account, transaction) -> bool:
        return self._part.shares(account, transaction, "share_calls")

    def body(self, account, version: int) -> bytes:
        sessions = [each for each in self._part.user_agent.sessions if each.account is account]
        return dialog_info.build(str(account.aor), version, sessions)


class _Presence:
    """The event package `presence`."""

    name = "presence"
    content_type = pidf.CONTENT_TYPE

    def __init__(self, part):
        self._part = part

    def allows(self, account, transaction) -> bool:
        return self._part.shares(account, transaction, "presence")

    def body(self, account, version: int) -> bytes:
        return self._part.presence(account)


class SharedState:
    """Tells the servers of our lines our state, as the options of each line allow."""

    def __init__(self, features):
        self.user_agent = features.user_agent
        self._features = features
        self._publications = []
        self.due = False  # our state has changed since the last `tell`
        self._server = self.user_agent.notifier or Notifier(self.user_agent)
        self._server.serve(_Calls(self))
        self._server.serve(_Presence(self))

    def shares(self, account, transaction, option: str) -> bool:
        """Whether the sender of `transaction` may see the state that `option` of the line shares."""
        line = self._features.line_of(account)
        if line is None or not getattr(self._features.options_of(line), option):
            return False
        return self.user_agent.is_from_server(account, transaction)

    def presence(self, account) -> bytes:
        """Our presence: reachable, and on the phone or not."""
        busy = self._features.control.busy
        return pidf.build(str(account.aor), pidf.Presence(True, ["on-the-phone"] if busy else []))

    def begin(self, line, now: int) -> None:
        """Publish the line's presence."""
        for publication in self._publications:
            if publication.account is line.account:
                publication.renew(now)
                return
        publication = Publication(self.user_agent, line.account, "presence", pidf.CONTENT_TYPE, _EXPIRES_S)
        self._publications.append(publication)
        publication.publish(self.presence(line.account), now)

    def tell(self, now: int) -> None:
        """Notify the subscribers, and publish: a call of ours has changed."""
        self.due = False
        for line in self._features.control.lines:
            for package in ("dialog", "presence"):
                self._server.changed(package, line.account, now)
        for publication in self._publications:
            publication.publish(self.presence(publication.account), now)

    def shutdown(self, now: int) -> None:
        """Remove the publications."""
        for publication in self._publications:
            publication.remove(now)
