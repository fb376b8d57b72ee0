"""The start file of stock images: which slot it runs, and what it leaves for the next start."""

import os
import sys

from boot import main as boot

from hal.sim import watchdog
from support.check import raises
from support.slots import FlashFolder


def started(flash, run):
    """(slot that ran or None, what ended it) of a start."""
    ran = []

    def noted():
        ran.append(sys.path[0][-1])
        run()

    path, folder = list(sys.path), os.getcwd()
    os.chdir(flash.root)
    try:
        boot.main(noted)
        end = "returned"
    except SystemExit:
        end = "reset"
    finally:
        os.chdir(folder)
        sys.path[:] = path
    return (ran or [None])[0], end


def nothing():
    pass


def test_what_each_state_starts():
    flash = FlashFolder()
    for state, slot, after in (
        (None, "a", None),
        ("a", "a", "a"),
        ("b", "b", "b"),
        ("b\n", "b", "b\n"),
        ("b new", "b", "b trial"),
        ("a new", "a", "a trial"),
        ("b trial", "a", "a undone"),
        ("a trial", "b", "b undone"),
        ("a undone", "a", "a undone"),
        ("b undone", "b", "b undone"),
        ("", "a", ""),
        ("rubbish", "a", "rubbish"),
        ("b rubbish", "b", "b rubbish"),
    ):
        if state is not None:
            flash.write("slot", state)
        assert started(flash, nothing)[0] == slot, state
        assert flash.read("slot") == after, state
    flash.clean_up()


def test_a_trial_ends_in_a_reset_whatever_happens():
    def fails():
        raise ValueError("broken")

    flash = FlashFolder()
    for run in (nothing, fails):
        fed = watchdog.feedings
        flash.write("slot", "b new")
        assert started(flash, run) == ("b", "reset")
        assert watchdog.feedings == fed + 1
        assert started(flash, run) == ("a", "returned")
        assert flash.read("slot") == "a undone"
    fed = watchdog.feedings
    flash.write("slot", "b")
    assert started(flash, fails) == ("b", "returned") and watchdog.feedings == fed
    flash.clean_up()


def test_without_room_to_note_it_there_is_no_trial():
    flash = FlashFolder()
    flash.write("slot", "b new")
    flash.write("slot.new/in the way", "")
    assert started(flash, nothing) == ("a", "returned")
    assert flash.read("slot") == "b new"
    flash.write("slot", "b trial")
    assert started(flash, nothing) == ("a", "returned")
    flash.clean_up()


def test_it_never_finds_itself():
    """An update without `main` must not run the start file in its place."""
    flash = FlashFolder()
    flash.write("slot", "b")
    seen = []
    started(flash, lambda: seen.extend(sys.path))
    assert seen[0] == flash.root + "/b" and "" not in seen and flash.root not in seen
    flash.clean_up()


def test_a_keyboard_interrupt_gets_through():
    def interrupted():
        raise KeyboardInterrupt

    flash = FlashFolder()
    raises(KeyboardInterrupt, started, flash, interrupted)
    flash.clean_up()
