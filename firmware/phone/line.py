"""Line: an account on a line key, and the state of its registration for the person."""

from compat import ticks_diff
from phone import words
from sip.agent.registration import Registration


class Line:
    """One account of the phone.

    number     1, 2 …, the number of the line key
    account    sip.agent.account.Account
    label      the name on the screen
    state      "off" (not to be registered), "registering", "registered", "failed" or "unregistered"
    reason     why the registration failed, in words; "" otherwise
    name_of    function (number) that returns the phone book's name or None; None without a phone book
    messages   sip.event.message_summary.Summary of the mailbox, None while it is unknown
    offline    whether the phone has no network now, even if the registration is still valid
    noted      state and reason that were logged last
    begun      the Contact, as a string, that was registered when the line's features started, or None
    """

    registration: "Registration | None"

    def __init__(self, number: int, account, label: str, register: bool = True, name_of=None):
        self.number = number
        self.account = account
        self.label = label
        self.state = "off"
        self.reason = ""
        self.messages = None
        self.offline = False
        self.begun = self.noted = None
        self.registration = None
        self.name_of = name_of
        self._wanted = register

    def register(self, user_agent, now: int) -> None:
        """Accept calls for the account from now on, and register it, or register it again."""
        if not self._wanted:
            user_agent.add(self.account)
        elif self.registration is None:
            self.registration = user_agent.register(self.account, now)
        else:
            self.registration.renew(now)

    def update(self) -> bool:
        """Copy the state of the registration; whether it has changed."""
        before = self.state, self.reason
        registration = self.registration
        self.state = registration.state
        failed = registration.status >= 300 and self.state != "registered"
        self.reason = registration.trouble or words.of_registration(registration.status) if failed else ""
        return (self.state, self.reason) != before

    @property
    def usable(self) -> bool:
        """Whether a call may be tried on this line."""
        return self.state in ("off", "registered")

    def status_text(self, now: int) -> str:
        """The state in words for the person, with the time to the next attempt; "" if the line is off."""
        if self.offline and self.state != "off":
            return "no network"
        if self.state != "failed":
            return "" if self.state == "off" else self.state
        words = self.reason or "not registered"
        seconds = self.retry_s(now)
        return words if seconds is None else "%s, retry in %d s" % (words, seconds)

    def retry_s(self, now: int) -> "int | None":
        """Seconds until the next attempt to register; None when none is planned."""
        at = self.registration.retry_at if self.registration else None
        return None if at is None else max((ticks_diff(at, now) + 999) // 1000, 0)
