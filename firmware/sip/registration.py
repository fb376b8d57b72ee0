"""Registration: keeps one Contact bound to an AOR at its registrar (RFC 3261 §10.2, RFC 5626 §4.5)."""


class Registration:
    """Made by `UserAgent.register`.

    account      the Account
    state        "registering" "registered" "failed" "unregistered"
    status       of the latest response: 200, 403, 408 (no answer), 503 (no way there) …; 0 before any
    reason       its phrase
    contact      the Uri that is bound, as the registrar saw us
    retry_at     tick of the next attempt after a failure, or None
    bindings     [(Uri, seconds)] of the AOR, as of the last 200
    """

    def unregister(self, now: int) -> None:
        """Remove the binding; RegistrationChanged follows with state "unregistered", whatever the answer."""
        raise NotImplementedError
