"""The registrar lets go of a line, and says so (RFC 3680): it is registered again."""

# micropython-heap: 1M: a whole phone and a registrar live in one process

from sip.event import reg_info
from sip.notices import Notified
from support.desk import Office
from support.featured import featured

DOCUMENT = (
    '<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="%d" state="%s"><registration aor="sip:201@example.com" '
    'id="a" state="%s">%s</registration></reginfo>'
)
CONTACT = '<contact id="1" state="%s" event="%s"><uri>%s</uri></contact>'


class Scene:
    """A desk whose line is watched; the NOTIFYs are handed to it as they would come out of SIP."""

    def __init__(self):
        self.office = Office("201", register=False)
        self.desk = featured(self.office, {"watch_registration": True})[0]
        self.told = []
        self.desk.control.listeners.append(lambda kind, thing: kind == "notice" and self.told.append(thing))
        self.desk.register()
        self.office.run_until(lambda: self.desk.line.state == "registered")
        self.office.run(500)
        self.subscriber = self.desk.features.part("registration_watch")._watched[0].subscriber

    @property
    def ours(self):
        return str(self.desk.line.registration.contact)

    def notify(self, text):
        """How many REGISTERs follow."""
        registers = []
        self.office.network.on_message = lambda message, sender, receiver: (
            registers.append(message)
            if (sender == "201" and getattr(message, "method", "") == "REGISTER")
            else None
        )
        event = Notified(self.subscriber, "tag", reg_info.CONTENT_TYPE, text.encode())
        self.desk.node.endpoint.emit(event)
        self.office.run(1000)
        self.office.network.on_message = None
        return len(registers)


def test_it_asks_the_registrar():
    scene = Scene()
    assert (scene.subscriber.package, str(scene.subscriber.uri)) == ("reg", "sip:201@example.com")
    assert any("SUBSCRIBE" in line for line in scene.office.network.ladder)


def test_a_binding_that_is_gone_comes_back():
    scene = Scene()
    gone = CONTACT % ("terminated", "deactivated", scene.ours)
    assert scene.notify(DOCUMENT % (1, "partial", "active", gone)) > 0
    assert scene.desk.line.state == "registered" and scene.told == ["201: registering again"]
    # Not again and again.
    assert scene.notify(DOCUMENT % (2, "partial", "active", gone)) == 0
    scene.office.run(31_000)
    assert scene.notify(DOCUMENT % (3, "full", "terminated", "")) > 0


def test_what_is_no_reason():
    scene = Scene()
    other = CONTACT % ("terminated", "expired", "sip:201@192.0.2.77")
    for text in (
        DOCUMENT % (1, "full", "active", CONTACT % ("active", "registered", scene.ours)),
        DOCUMENT % (2, "partial", "active", other),
        DOCUMENT % (3, "partial", "terminated", ""),
        "",
        "rubbish",
        "<reginfo/>",
    ):
        assert scene.notify(text) == 0, text
    assert not scene.told
    assert scene.desk.node.endpoint.counters["malformed_notify"] == 2
