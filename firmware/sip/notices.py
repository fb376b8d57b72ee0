"""Events of neither registrations nor calls (see events.py); loaded with the first such event.

`topic` names the part of the phone that handles an event, so that the other parts need not load this module.
"""

from sip.events import Event


class ProvisioningRequested(Event):
    """The server of `account` asks the phone to fetch its configuration again.

    `package` is "check-sync" or "ua-profile". `reboot` says whether the phone restarts afterwards: True,
    False, or None if the request did not say. `url` is that of the profile, or None if the request had none.
    The request has already been answered 200, and it came from the account's own server.
    """

    topic = "provisioning"

    def __init__(self, account, package: str, reboot=None, url=None):
        self.account = account
        self.package = package
        self.reboot = reboot
        self.url = url


class MessagesWaiting(Event):
    """The mailbox of `account` changed: `summary` is a message_summary.Summary."""

    topic = "mailbox"

    def __init__(self, account, summary):
        self.account = account
        self.summary = summary


class Notified(Event):
    """A NOTIFY came for `subscriber` (subscriber.Subscriber): a body of `content_type`, maybe empty.

    `source` identifies the notifier where the SUBSCRIBE forked: any value that can be compared.
    """

    topic = "subscription"

    def __init__(self, subscriber, source, content_type, body: bytes):
        self.subscriber = subscriber
        self.source = source
        self.content_type = content_type
        self.body = body


class SubscriptionChanged(Event):
    """`subscriber.state` changed."""

    topic = "subscription"

    def __init__(self, subscriber):
        self.subscriber = subscriber


class PublicationChanged(Event):
    """`publication.state` changed."""

    topic = "publication"

    def __init__(self, publication):
        self.publication = publication


class MessageReceived(Event):
    """A MESSAGE came for `account` (RFC 3428): `sender` is a headers.NameAddr, `text` its body."""

    topic = "message"

    def __init__(self, account, sender, text: str):
        self.account = account
        self.sender = sender
        self.text = text


class MessageDelivered(Event):
    """The outcome of a MESSAGE that we sent: `message` is what `instant_message.send` returned.

    `status` 200: delivered; 202: stored for later delivery; any other: not delivered.
    """

    topic = "message"

    def __init__(self, message, status: int, reason: str):
        self.message = message
        self.status = status
        self.reason = reason


class DigitsReceived(Event):
    """The peer of `session` sent `digits` by INFO."""

    topic = "digits"

    def __init__(self, session, digits: str):
        self.session = session
        self.digits = digits
