"""Events beside registrations and calls (see events.py); loaded with the first of them.

`topic` says which part of the phone takes an event, so that the other parts need not load this module.
"""

from sip.events import Event


class ProvisioningRequested(Event):
    """The server of `account` asks the phone to fetch its configuration again.

    `package` is "check-sync" or "ua-profile". `reboot` says whether the phone is to start again afterwards:
    True, False, or None where it was not said. `url` is where the profile lies, where it was said, or None.
    The request was answered 200 already; that it came from the account's own server was checked.
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

    `source` tells the notifiers apart where the SUBSCRIBE forked: any value that can be compared.
    """

    topic = "subscription"

    def __init__(self, subscriber, source, content_type, body: bytes):
        self.subscriber = subscriber
        self.source = source
        self.content_type = content_type
        self.body = body


class SubscriptionChanged(Event):
    """`subscriber.state` is new."""

    topic = "subscription"

    def __init__(self, subscriber):
        self.subscriber = subscriber


class PublicationChanged(Event):
    """`publication.state` is new."""

    topic = "publication"

    def __init__(self, publication):
        self.publication = publication


class MessageReceived(Event):
    """Somebody sent `account` a text (RFC 3428): `sender` is a headers.NameAddr, `text` what it says."""

    topic = "message"

    def __init__(self, account, sender, text: str):
        self.account = account
        self.sender = sender
        self.text = text


class MessageDelivered(Event):
    """What became of a text that we sent: `message` is what `instant_message.send` returned.

    `status` 200: delivered; 202: somebody keeps it for the receiver; anything else: it was not.
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
