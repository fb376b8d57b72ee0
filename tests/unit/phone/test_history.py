"""The list of calls: it outlives a restart, and whatever a store may hold."""

import json

from phone.history import Entry, History


class Store:
    def __init__(self, octets=None, broken=False):
        self.octets = octets
        self.broken = broken

    def read(self, name):
        assert name == "history.json"
        return self.octets

    def write(self, name, *pieces):
        if self.broken:
            raise OSError(28)
        self.octets = b"".join(pieces)


def entry(kind="missed", number="202"):
    return Entry(kind, "Bob " + number, number, (2026, 7, 31, 14, 5), 62)


def test_newest_first_and_missed_ones_are_counted_until_seen():
    history = History(Store())
    for kind, number in (("placed", "1"), ("missed", "2"), ("received", "3"), ("missed", "4")):
        history.add(entry(kind, number))
    assert [each.number for each in history.entries] == ["4", "3", "2", "1"]
    assert history.unseen == 2
    history.seen()
    assert history.unseen == 0


def test_redial_is_the_last_number_that_was_called():
    history = History(Store())
    assert history.last_placed() is None
    for kind, number in (("placed", "1"), ("placed", "2"), ("missed", "3"), ("placed", "")):
        history.add(entry(kind, number))
    assert history.last_placed() == "2"


def test_it_is_there_again_after_a_restart():
    store = Store()
    history = History(store)
    history.add(entry())
    history.add(Entry("placed", "x", "203"))
    again = History(store)
    first, second = again.entries
    assert (first.kind, first.name, first.number, first.at, first.seconds) == ("placed", "x", "203", None, 0)
    assert (second.name, second.at, second.seconds) == ("Bob 202", (2026, 7, 31, 14, 5), 62)
    assert again.unseen == 1


def test_it_does_not_grow_without_end():
    history = History(Store())
    for number in range(40):
        history.add(entry("placed", str(number)))
    assert len(history.entries) == 30 and history.entries[0].number == "39"


def test_a_store_that_fails_costs_nothing_but_the_store():
    history = History(Store(broken=True))
    history.add(entry())
    assert len(history.entries) == 1


def test_what_is_not_ours_in_the_store_is_left_out():
    good = ["missed", "Bob", "202", None, 0]
    for document in (
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"7",
        b'{"entries": 7}',
        b'{"entries": [7]}',
        b'{"entries": [["missed"]]}',
        b'{"entries": [], "unseen": "x"}',
        json.dumps({"entries": [["stolen", "a", "b", None, 0]], "unseen": 9}).encode(),
        json.dumps({"entries": [["missed", 1, 2, None, 0]], "unseen": 9}).encode(),
    ):
        history = History(Store(document))
        assert (history.entries, history.unseen) == ([], 0), document
    for at, seconds in (
        ("20261", 0),
        ([2026, 7, 31, 14], 0),
        ([2026, 7, 31, 14, "5"], 0),
        ([2026, 7, 31, 14, -5], 0),
        (None, -1),
        (None, 1.5),
        (None, 1 << 40),
        (None, None),
        ({}, 0),
    ):
        row = ["missed", "Bob", "202", at, seconds]
        history = History(Store(json.dumps({"entries": [row, good], "unseen": 2}).encode()))
        assert (len(history.entries), history.unseen) == (1, 1), (at, seconds)
    for unseen in (-3, 1e99):
        history = History(Store(json.dumps({"entries": [good], "unseen": unseen}).encode()))
        assert 0 <= history.unseen <= 1, unseen
    placed = ["placed", "Bob", "202", None, 0]
    assert History(Store(json.dumps({"entries": [placed], "unseen": 1}).encode())).unseen == 0
    history = History(Store(json.dumps({"entries": [good] * 99, "unseen": 999}).encode()))
    assert len(history.entries) == history.unseen == 30
