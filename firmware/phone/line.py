"""Line: an account on a key, and what the person may know of its registration."""

from compat import ticks_diff
from phone import words
from sip.agent.registration import Registration


class Line:
    """One account of the phone.

    number     1, 2 … as on the key
    account    sip.agent.account.Account
    label      what the screen calls it
    state      "off" (not to be registered), "registering", "registered", "failed" or "unregistered"
    reason     why it failed, in words; "" otherwise
    name_of    function (number) that returns the phone book's name or None; None without a phone book
    messages   sip.event.message_summary.Summary of its mailbox, None where nothing is known
    begun      the Contact, as text, that was registered when its features began, or None
    """

    registration: "Registration | None"

    def __init__(self, number: int, account, label: str, register: bool = True, name_of=None):
        self.number = number
        self.account = account
        self.label = label
        self.state = "off"
        self.reason = ""
        self.messages = None
        self.begun = None
        self.registration = None
        self.name_of = name_of
        self._wanted = register

    def register(self, user_agent, now: int) -> None:
        """Answer calls for the account from now on, and register it, or do so anew."""
        if not self._wanted:
            user_agent.add(self.account)
        elif self.registration is None:
            self.registration = user_agent.register(self.account, now)
        else:
            self.registration.renew(now)

    def update(self) -> bool:
        """Take over what the registration says now; whether anything is new."""
        before = self.state, self.reason
        registration = self.registration
        self.state = registration.state
        failed = registration.status >= 300 and self.state != "registered"
        self.reason = words.of_registration(registration.status) if failed else ""
        return (self.state, self.reason) != before

    @property
    def usable(self) -> bool:
        """Whether a call may be tried on it."""
        return self.state in ("off", "registered")

    def status_text(self, now: int) -> str:
        """Its state in words for the person, and when it tries again; "" if there is nothing to say."""
        if self.state != "failed":
            return "" if self.state == "off" else self.state
        words = self.reason or "not registered"
        seconds = self.retry_s(now)
        return words if seconds is None else "%s, retry in %d s" % (words, seconds)

    def retry_s(self, now: int) -> "int | None":
        """Seconds until the next attempt to register; None when none is planned."""
        at = self.registration.retry_at if self.registration else None
        return None if at is None else max((ticks_diff(at, now) + 999) // 1000, 0)
