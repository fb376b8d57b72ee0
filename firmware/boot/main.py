"""The boot file of stock images: chooses one of the two copies of the phone's software, and runs it.

On the board's file system (LittleFS), in `/`:

    main.py      this file, as source: MicroPython runs it. No update ever touches it
    slot         one line that says which copy is to run, and how; if the file is missing, `a` runs
    a/  b/       the copies ("slots"): what firmware/manifest.py and the board's manifest list, as .mpy
    data/        phone.json and the owner's other files (hal.contract.storage)

The file `slot` is replaced as a whole, by writing `slot.new` and renaming it; LittleFS renames atomically.
Its contents, with `a` and `b` in either order:

    a            run a
    b new        b was installed: write `b trial`, then run b on trial
    b trial      b was started and has not confirmed itself since: it does not work. Roll back to a
    a undone     run a; b was rolled back, and the software in a may report that

A slot confirms itself by writing its own letter (hal.drivers.slots_folders). A slot that fails to import,
returns, raises, or hangs until the watchdog resets the board, never does so: the next start rolls back. Keep
this file small. It expects one thing of a slot: a module `start` with a function `main`.
"""

import os
import sys

STATE = "slot"
SLOTS = ("a", "b")

# A start on trial must feed the watchdog within this time: loading everything from flash takes seconds.
WATCHDOG_MS = 60000


def read_state(root: str) -> "tuple[str, str]":
    """(slot, word) in the state file of the folder `root`; ("a", "") without a valid file."""
    try:
        with open(root + "/" + STATE) as file:
            words = file.read(16).split()
    except (OSError, ValueError):
        words = []
    if words and words[0] in SLOTS:
        return words[0], words[1] if len(words) > 1 else ""
    return "a", ""


def write_state(root: str, text: str) -> None:
    """Replace the state file atomically; after an OSError the old file is there."""
    path = root + "/" + STATE
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)


def other(slot: str) -> str:
    return SLOTS[slot == "a"]


def choose(root: str) -> "tuple[str, bool]":
    """(the slot to run, whether on trial); writes the state file for the next start."""
    slot, word = read_state(root)
    if word == "new":
        try:
            write_state(root, slot + " trial")
            return slot, True
        except OSError:
            return other(slot), False  # a trial that is not in the state file could not be rolled back
    if word == "trial":
        slot = other(slot)
        try:
            write_state(root, slot + " undone")
        except OSError:
            pass  # then the next start rolls back too
    return slot, False


def main(run=None) -> None:
    """Run the chosen slot: its `start.main`, or `run`."""
    root = os.getcwd().rstrip("/")
    slot, on_trial = choose(root)
    # Without "" and root: an import of `main` would find this file there.
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
