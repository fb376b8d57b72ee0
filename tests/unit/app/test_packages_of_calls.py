"""What calls need is let go of after them: nothing that stays may keep a part of it, or it would be there twice."""

# micropython-heap: 4M: the whole firmware, and twice what calls need

import os
import sys

import compat
from app import memory, phone

FIRMWARE = phone.__file__.rpartition("/app/")[0]
# Each group goes at one moment of its own: what calls need with the last call, what sound needs with the sound.
CALLS = memory.OF_CALLS + memory.MODULES_OF_CALLS
SOUND = ("phone.voice", "media")
ROOMS = ("app", "sip", "net", "phone", "ui", "media")
DEFINED = (type, type(lambda: None))


def names(folder):
    """Every module below a folder of the firmware."""
    found = []
    for entry in sorted(os.listdir(FIRMWARE + "/" + folder)):
        stem, _, suffix = entry.partition(".")
        if suffix in ("py", "mpy"):
            found.append((folder + "/" + stem).replace("/", "."))
        elif not suffix and entry != "__pycache__":
            found += names(folder + "/" + entry)
    return found


def is_of(name, group):
    return any(name == each or name.startswith(each + ".") for each in group)


def load(modules):
    for name in modules:
        __import__(name)
    return {name: sys.modules[name] for name in modules}


def forget(group):
    """As the phone does; and on CPython too, where compat lets nothing go."""
    for each in group:
        compat.forget_package(each)
        if each in memory.MODULES_OF_CALLS:
            compat.forget(each)
    for name in [name for name in sys.modules if is_of(name, group)]:
        del sys.modules[name]


def own(old, new):
    """The classes and functions of modules that their second copy has anew: what they define themselves."""
    found = {}
    for name, module in old.items():
        found[id(module)] = name
        again = new[name].__dict__
        for key, value in module.__dict__.items():
            if isinstance(value, DEFINED) and again.get(key) is not value:
                found[id(value)] = name + "." + key
    return found


def kept(objects, outside):
    """(module, its name, what it is) for all of `objects` that a module of `outside` has in its globals."""
    found = []
    for name in outside:
        for key, value in list(sys.modules[name].__dict__.items()):
            inside = [value]
            if isinstance(value, (tuple, list)):
                inside = list(value)
            elif isinstance(value, dict) and key[:2] != "__":
                inside = list(value.values())
            found += [(name, key, objects[id(each)]) for each in inside if id(each) in objects]
    return found


def trial(group):
    """Load all, let go of the group and load it again; what was kept of the first copy."""
    before = dict(sys.modules)
    try:
        every = [name for room in ROOMS for name in names(room)]
        inside = [name for name in every if is_of(name, group)]
        assert inside
        load(every)
        old = load(inside)
        forget(group)
        new = load(inside)
        assert not [name for name in inside if old[name] is new[name]]
        return kept(own(old, new), [name for name in every if name not in inside])
    finally:
        # The next test finds the modules that it imported.
        for name in [name for name in sys.modules if is_of(name, group)]:
            del sys.modules[name]
        for name in before:
            if is_of(name, group):
                sys.modules[name] = before[name]
                package, _, module = name.rpartition(".")
                if package:
                    setattr(before[package], module, before[name])


def test_nothing_that_stays_keeps_what_calls_need():
    assert trial(CALLS) == []


def test_nothing_that_stays_keeps_what_sound_needs():
    assert trial(SOUND) == []


def test_the_trial_finds_what_is_kept():
    phone.kept_for_the_test = load(["sip.call.transfer"])["sip.call.transfer"].Transfer
    try:
        assert trial(CALLS) == [("app.phone", "kept_for_the_test", "sip.call.transfer.Transfer")]
    finally:
        del phone.kept_for_the_test
