"""Registration watch: registers a line again when its server removed the Contact too soon (RFC 3680)."""

from compat import const
from sip.event import reg_info
from sip.event.subscriber import Subscriber
from sip.notices import Notified
from sip.syntax.grammar import ParseError

_EXPIRES_S = const(3600)
_CALM_MS = const(30_000)


class _Watched:
    """A `line` whose registration `subscriber` watches; `calm`: it registered again in the last 30 s."""

    def __init__(self, line, subscriber):
        self.line = line
        self.subscriber = subscriber
        self.calm = False


class RegistrationWatch:
    def __init__(self, features):
        self._features = features
        self._watched = []  # [_Watched]

    def begin(self, line, now: int) -> None:
        """Subscribe to the state of the line's registration at its registrar."""
        for watched in self._watched:
            if watched.line is line:
                watched.subscriber.renew(now)
                return
        account, user_agent = line.account, self._features.user_agent
        subscriber = Subscriber(
            user_agent,
            account,
            account.aor,
            package="reg",
            accept=reg_info.CONTENT_TYPE,
            expires=_EXPIRES_S,
            now=now,
            tag=self,
        )
        self._watched.append(_Watched(line, subscriber))

    def on_event(self, event, now: int) -> None:
        """Notified or SubscriptionChanged of one of our subscriptions."""
        if not isinstance(event, Notified) or not event.body:
            return
        try:
            info = reg_info.parse(event.body)
        except ParseError:
            self._features.user_agent.endpoint.count("malformed_notify")
            return
        for watched in self._watched:
            registration = watched.line.registration
            if watched.subscriber is not event.subscriber or registration is None:
                continue
            if registration.state != "registered" or watched.calm or not _is_gone(info, registration):
                continue
            # At most every 30 s, so as not to flood a server that keeps removing the binding.
            watched.calm = True
            self._features.user_agent.endpoint.timers.start(_CALM_MS, self, watched, now)
            self._features.notify("notice", "%s: registering again" % watched.line.label)
            registration.renew(now)

    def on_timer(self, watched, now: int) -> None:
        """From Timers."""
        watched.calm = False


def _is_gone(info, registration):
    ours = [each for each in info.contacts if each.uri == registration.contact]
    if ours:
        return ours[-1].state == "terminated"
    return info.full and info.state == "terminated"
