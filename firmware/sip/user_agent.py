"""The user agent core (RFC 3261 §8): where requests enter the usages, and where calls and bindings begin."""


class Account:
    """An AOR and how to reach and prove it.

    `aor`, `registrar` and `proxy` are Uris; the registrar defaults to the AOR's domain, `proxy` is the
    outbound proxy if there is one. `identity` is an auth.Identity or None. `expires` is in seconds.
    """

    def __init__(
        self, aor, identity, registrar=None, proxy=None, transport="udp", expires=3600, display_name=None
    ):
        self.aor = aor
        self.identity = identity
        self.registrar = registrar
        self.proxy = proxy
        self.transport = transport
        self.expires = expires
        self.display_name = display_name


class UserAgent:
    """The core of `endpoint` for a phone. Events come out of `endpoint.events()`: see events.py.

    accounts         the accounts that it answers for, in the order in which they were added
    registrations    those that live
    sessions         those that live, in the order in which they began
    max_sessions     a further INVITE is answered 486
    idle             whether nothing is left to send: no session lives, no REGISTER waits for its answer
    """

    def __init__(self, endpoint, product: str = "Bakelite", max_sessions: int = 4, codecs=("PCMU", "PCMA")):
        raise NotImplementedError

    def add(self, account) -> None:
        """Answer calls for `account` without registering it (`register` and `invite` add it too)."""
        raise NotImplementedError

    def register(self, account, now: int):
        """Bind our Contact to the account's AOR and keep it bound; returns the Registration."""
        raise NotImplementedError

    def invite(self, account, target, media, now: int, late_offer: bool = False):
        """Call `target` (Uri) with the Capabilities `media`; returns the Session in state "calling".

        With `late_offer` the INVITE has no offer: the peer makes it in the 2xx. LocalError when
        `max_sessions` live.
        """
        raise NotImplementedError

    def shutdown(self, now: int) -> None:
        """End all sessions and remove all bindings; then run the endpoint until `idle`, or give up."""
        raise NotImplementedError
