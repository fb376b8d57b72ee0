"""Events for the phone: plain objects whose first attribute is the object that changed.

`endpoint.events()` returns them in the order in which they happened. The object that an event names lives on,
so its state may be newer than the event.
"""

REFUSED = "Connection refused"  # `trouble` of a transport error: no process listens on the port


class LocalError(Exception):
    """The call is not allowed in the object's state. Nothing was sent and nothing has changed."""


class Event:
    """Base class with a readable repr. `topic` is None here; the events in notices.py set it."""

    topic = None

    def __repr__(self):
        inner = ", ".join(name + "=" + repr(value) for name, value in sorted(self.__dict__.items()))
        return self.__class__.__name__ + "(" + inner + ")"


class RegistrationChanged(Event):
    """`registration.state` or `.reason` changed."""

    def __init__(self, registration):
        self.registration = registration
