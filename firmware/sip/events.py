"""What comes out of the endpoint for the phone: plain objects, the thing that changed first.

`endpoint.events()` hands them over in the order in which they happened. An event names an object that
goes on living, so its state may be newer than the event.
"""

REFUSED = "Connection refused"  # what a transport tells where nobody listens: that is known at once


class LocalError(Exception):
    """The caller asked for what the state does not allow. Nothing was sent and nothing has changed."""


class Event:
    """What all events share: a readable repr. `topic` tells those in notices.py apart, and is None here."""

    topic = None

    def __repr__(self):
        inner = ", ".join(name + "=" + repr(value) for name, value in sorted(self.__dict__.items()))
        return self.__class__.__name__ + "(" + inner + ")"


class RegistrationChanged(Event):
    """`registration.state` or `.reason` is new."""

    def __init__(self, registration):
        self.registration = registration
