"""Factory reset: what goes, power that fails in between, and the key that asks for it."""

import asyncio

from hal.null.storage import Storage
from services import factory_reset
from support.check import raises

FULL = ("phone.json", "history.json", "phonebook.json", "provisioned.json", "ca.pem")


class Failing(Storage):
    """Loses its power at the `cut`th change of the medium: this one is not made."""

    def __init__(self, cut=None):
        super().__init__()
        for name in FULL:
            super().write(name, b"x")
        self.cut = cut
        self.changes = 0

    def _change(self):
        if self.changes == self.cut:
            raise OSError("power cut")
        self.changes += 1

    def write(self, name, *pieces):
        self._change()
        super().write(name, *pieces)

    def remove(self, name):
        self._change()
        super().remove(name)


def test_everything_goes():
    storage = Failing()
    factory_reset.reset(storage)
    assert storage.names() == []
    assert not factory_reset.finish(storage)


def test_a_power_cut_at_every_change_leaves_all_or_nothing_after_the_next_start():
    whole = Failing()
    factory_reset.reset(whole)
    seen = []
    for cut in range(whole.changes):
        storage = Failing(cut)
        raises(OSError, factory_reset.reset, storage)
        storage.cut = None
        factory_reset.finish(storage)
        seen.append(len(storage.names()))
    assert whole.changes == len(FULL) + 2
    assert seen[0] == len(FULL) and seen[1:] == [0] * (len(FULL) + 1)


def test_a_cut_while_the_next_start_completes_it():
    storage = Failing(2)
    raises(OSError, factory_reset.reset, storage)
    storage.changes = 0
    raises(OSError, factory_reset.finish, storage)
    storage.cut = None
    assert factory_reset.finish(storage) and storage.names() == []


class Keys:
    """Says each of `news` when so many looks have gone by."""

    def __init__(self, *news):
        self.news = list(news)
        self.looks = 0

    def poll(self, now):
        self.looks += 1
        if self.news and self.news[0][0] <= self.looks:
            return self.news.pop(0)[1:]
        return None


def asked(*news):
    shown = []
    answer = asyncio.run(factory_reset.asked_for(Keys(*news), shown.append, 1))
    return answer, shown


def test_the_key_must_be_down_at_the_start_and_stay_down():
    assert asked() == (False, [])
    assert asked((1, "5", "press")) == (False, [])
    assert asked((2, "*", "press"), (9, "*", "release"))[0] is False
    assert asked((2, "*", "press"), (9, "#", "press"))[1][-1] is None
    answer, shown = asked((2, "*", "press"), (9, "*", "long"))
    assert answer and shown[-1] == 0 and shown[0] >= 1
