"""Bindings: notices when a server lets go of a line's Contact too soon (RFC 3680), and registers anew."""

from compat import const
from sip.event import reg_info
from sip.event.subscriber import Subscriber
from sip.notices import Notified
from sip.syntax.grammar import ParseError

_EXPIRES_S = const(3600)
_CALM_MS = const(30_000)


class RegistrationWatch:
    def __init__(self, features):
        self._features = features
        self._watched = []  # [Line, Subscriber, whether we register anew only later]

    def begin(self, line, now: int) -> None:
        """Ask the line's registrar to be told."""
        for entry in self._watched:
            if entry[0] is line:
                entry[1].renew(now)
                return
        account, user_agent = line.account, self._features.user_agent
        subscriber = Subscriber(
            user_agent, account, account.aor, "reg", reg_info.CONTENT_TYPE, _EXPIRES_S, now, self
        )
        self._watched.append([line, subscriber, False])

    def on_event(self, event, now: int) -> None:
        """Notified or SubscriptionChanged of one of our subscriptions."""
        if not isinstance(event, Notified) or not event.body:
            return
        try:
            told = reg_info.parse(event.body)
        except ParseError:
            self._features.user_agent.endpoint.count("malformed_notify")
            return
        for entry in self._watched:
            registration = entry[0].registration
            if entry[1] is not event.subscriber or registration is None or registration.state != "registered":
                continue
            if self._is_gone(told, registration) and not entry[2]:
                # Once in a while: a server that keeps on doing so is not flooded for it.
                entry[2] = True
                self._features.user_agent.endpoint.timers.start(_CALM_MS, self, entry, now)
                self._features.notify("notice", "%s: registering again" % entry[0].label)
                registration.renew(now)

    def _is_gone(self, told, registration):
        ours = [each for each in told.contacts if each.uri == registration.contact]
        if ours:
            return ours[-1].state == "terminated"
        return told.full and told.state == "terminated"

    def on_timer(self, entry, now: int) -> None:
        """From Timers."""
        entry[2] = False
