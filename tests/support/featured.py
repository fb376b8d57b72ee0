"""Desks whose phones have features beside calls (phone.features), as settings in phone.json enable them.

office = Office("201", "202", register=False)
one, two = featured(office, {"share_calls": True}, {"contacts": ["201"]})
"""

from phone.dialplan import DialPlan
from phone.features.features import Features, LineOptions
from support.devices import Light


class Lamp(Light):
    def on(self):
        self.state = "on"


class Watched:
    def __init__(self, address, watch="calls", name=None, line=1):
        self.address = address
        self.watch = watch
        self.name = name
        self.line = line


def featured(office, *wishes) -> list:
    """Give each desk of `office` Features as `wishes` say: names of LineOptions, `contacts`, `pickup`."""
    for desk, wish in zip(office.desks, wishes):
        give(desk, wish)
    return office.desks


def give(desk, wish):
    options = LineOptions()
    for name, value in wish.items():
        if name not in ("contacts", "pickup"):
            assert hasattr(LineOptions, name), name
            setattr(options, name, value)
    contacts = [each if isinstance(each, Watched) else Watched(each) for each in wish.get("contacts", ())]
    desk.lamps = {}
    desk.storage = Store(desk)

    def lamp(name):
        desk.lamps[name] = Lamp()
        return desk.lamps[name]

    desk.features = Features(
        control=desk.control,
        storage=desk.storage,
        dialplan=DialPlan(),
        local_time=lambda: desk.time,
        options=[options],
        watched=contacts,
        pickup=wish.get("pickup"),
        lamp=lamp,
    )
    desk.shell.features = lambda: desk.features
    before = desk.node.on_events
    poll = desk.poll

    def on_events(events, now):
        before(events, now)
        for event in events:
            desk.features.on_event(event, now)
        desk.features.settle(now)

    def poll_all(now):
        poll(now)
        desk.features.settle(now)

    desk.node.on_events = on_events
    desk.poll = poll_all


class Store:
    """A storage in memory; the desk keeps `files`, so they outlive the phone."""

    def __init__(self, desk):
        self.files = getattr(desk, "files", {})
        desk.files = self.files

    def read(self, name):
        return self.files.get(name)

    def write(self, name, *pieces):
        self.files[name] = b"".join(pieces)
