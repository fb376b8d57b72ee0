"""The start file of stock images: chooses which of the two copies of the phone's software runs, and runs it.

On the board's file system (LittleFS) lie, with `/` before them:

    main.py      this file, as source: MicroPython runs it. No update ever touches it
    slot         one line that says which copy is to run, and how; without it, `a` is
    a/  b/       the copies ("slots"): what firmware/manifest.py and the board's manifest list, as .mpy
    data/        phone.json and all else that is the owner's (hal.contract.storage)

`slot` is only ever replaced as a whole, by writing `slot.new` and renaming it, which LittleFS does at once or
not at all. What it says, with `a` and `b` in either order:

    a            run a
    b new        b was installed: run it on trial (this file writes `b trial` before)
    b trial      b was started and has not confirmed itself since: it does not work. Go back to a
    a undone     run a; b was taken back, and who runs may tell

A slot confirms itself by writing its own letter (hal.drivers.slots_folders). One that fails to import, ends,
raises, or hangs until the watchdog bites, does not, and so the next start goes back. Keep this file small and
what it expects of a slot smaller: a module `start` with a function `main`.
"""

import os
import sys

STATE = "slot"
SLOTS = ("a", "b")

# A start on trial must feed the watchdog within this time: loading everything from flash takes seconds.
WATCHDOG_MS = 60000


def read_state(root: str) -> "tuple[str, str]":
    """(slot, word) as they stand in the state file of the folder `root`; ("a", "") for none."""
    try:
        with open(root + "/" + STATE) as file:
            words = file.read(16).split()
    except (OSError, ValueError):
        words = []
    if words and words[0] in SLOTS:
        return words[0], words[1] if len(words) > 1 else ""
    return "a", ""


def write_state(root: str, text: str) -> None:
    """Replace the state file at once; OSError leaves it as it was."""
    path = root + "/" + STATE
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)


def other(slot: str) -> str:
    return SLOTS[slot == "a"]


def choose(root: str) -> "tuple[str, bool]":
    """(the slot to run, whether on trial); the state file then says what the next start needs to know."""
    slot, word = read_state(root)
    if word == "new":
        try:
            write_state(root, slot + " trial")
            return slot, True
        except OSError:
            return other(slot), False  # a trial that could not be noted could not be taken back
    if word == "trial":
        slot = other(slot)
        try:
            write_state(root, slot + " undone")
        except OSError:
            pass  # then the next start goes back too
    return slot, False


def main(run=None) -> None:
    """Run the chosen slot: its `start.main`, or `run`."""
    root = os.getcwd().rstrip("/")
    slot, on_trial = choose(root)
    # Without "": there this file would be found as `main`.
    sys.path[:] = [root + "/" + slot] + [path for path in sys.path if path not in ("", root)]
    if on_trial:
        import machine

        machine.WDT(timeout=WATCHDOG_MS)
    try:
        if run is None:
            import start

            run = start.main
        run()
    except Exception as error:
        getattr(sys, "print_exception", print)(error)
    if on_trial:
        machine.reset()


if __name__ == "__main__":
    main()
