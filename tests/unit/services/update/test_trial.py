"""What proves new software, and what becomes of the note that its update left."""

import json

from hal.null.network import Network
from hal.null.storage import Storage
from services.log import Log
from services.update import trial
from services.update.updates import NOTE, read_note

START = 1000
SETTLED = START + 20000


class Line:
    def __init__(self, state):
        self.state = state


class Slots:
    state = "trial"


def made(lines=(), network="up", wrong="", storage=None):
    net = Network()
    net.state = network
    slots = Slots()
    found = trial.Trial(
        slots=slots,
        storage=storage or Storage(),
        version="0.2",
        lines=[Line(state) for state in lines],
        network=net,
        self_test=lambda: wrong,
        restart=None,
        log=Log(),
    )
    return found, net


def proved(tried, note, at, over=False):
    return tried._is_proved(note, at, over)


def test_what_proves_new_software():
    registered, not_before = {"registered": True}, {"registered": False}
    for lines, note, network, wrong, over, expected in (
        (["registered"], registered, "up", "", False, True),
        (["registered"], registered, "up", "broken", False, True),
        (["failed", "registered"], registered, "up", "", False, True),
        (["failed"], registered, "up", "", False, False),
        (["failed"], registered, "up", "", True, False),
        (["failed"], {}, "up", "", False, False),
        (["failed"], not_before, "up", "", False, True),
        (["failed"], not_before, "up", "broken", False, False),
        ([], registered, "up", "", False, True),
        ([], registered, "up", "broken", True, False),
        (["failed"], registered, "down", "", False, False),
        (["failed"], registered, "down", "", True, True),
        (["failed"], registered, "down", "broken", True, False),
    ):
        tried, _ = made(lines, network, wrong)
        if network == "up":
            assert not proved(tried, note, START)  # never at once
        assert proved(tried, note, SETTLED, over) == expected, (lines, note, network, wrong, over)


def test_it_has_to_stay_well():
    tried, network = made(["registered"])
    proved(tried, {}, START)
    network.state = "connecting"
    assert not proved(tried, {}, START + 10000)
    network.state = "up"
    assert not proved(tried, {}, SETTLED)
    assert proved(tried, {}, SETTLED + 20000)


def test_notes_of_starts_that_are_no_trials():
    for note, after in (
        ({"to": "0.2", "from": "0.1", "state": "trial"}, {}),  # confirmed, and then the power went
        ({"to": "0.2.0", "from": "0.1", "state": "trial"}, {}),
        ({"to": "0.3", "from": "0.2", "state": "trial"}, {"to": "0.3", "from": "0.2", "state": "undone"}),
        ({"to": "0.3", "from": "0.2", "state": "undone"}, {"to": "0.3", "from": "0.2", "state": "undone"}),
        ({}, {}),
    ):
        storage = Storage()
        storage.write(NOTE, json.dumps(note).encode())
        tried, _ = made(storage=storage)
        tried._settle(read_note(storage))
        assert read_note(storage) == after, note
    for rubbish in (b"", b"[]", b"\xff", b"{"):
        storage = Storage()
        storage.write(NOTE, rubbish)
        assert read_note(storage) == {}
