#!/usr/bin/env python3
"""Copy the tree as it is onto a board that runs it from its file system: only files that differ are copied.

Files are compared by SHA-256, computed on both sides. Settings, call history and the start file stay as they
are; the phone restarts at the end. mpremote does the transfer.
"""

import argparse
import errno
import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.flash import NO_PORT, usb_ports
from tools.lib import application
from tools.lib.application import ApplicationError

# Runs on the board: prints whether there is a start file, the slot in use, and the hash of each file there.
LOOK = """
import binascii, hashlib, os
def walk(folder):
    for entry in os.ilistdir(folder):
        path = folder + "/" + entry[0]
        if entry[1] == 0x4000:
            walk(path)
        else:
            digest = hashlib.sha256()
            with open(path, "rb") as file:
                while True:
                    piece = file.read(1024)
                    if not piece:
                        break
                    digest.update(piece)
            print(binascii.hexlify(digest.digest()).decode(), path)
names = os.listdir("/")
print("start", "main.py" in names)
slot = "a"
if "slot" in names:
    with open("/slot") as file:
        words = file.read(16).split()
    if words and words[0] in ("a", "b"):
        slot = words[0]
        if words[1:] == ["trial"]:
            slot = "ba"["ab".index(slot)]
print("slot", slot)
if slot in names:
    walk("/" + slot)
print("end")
"""

_PIECE = 1024


class DeployError(Exception):
    """What is wrong and what to do, for a person to read."""


class Board:
    """A board's file system, through mpremote; DeployError if the board does not answer."""

    def __init__(self, port: str, soft_reset: bool = True):
        from mpremote.transport import TransportError
        from mpremote.transport_serial import SerialTransport

        self._failure = TransportError
        try:
            self._transport = SerialTransport(port)
            # This stops a running phone; the soft reset frees its memory.
            self._transport.enter_raw_repl(soft_reset=soft_reset)
        except (TransportError, OSError) as error:
            raise DeployError("no MicroPython answers on %s: %s" % (port, error))

    def look(self) -> "tuple[bool, str, dict[str, str]]":
        """(whether there is a start file, the slot in use, {path: SHA-256} of the files there)."""
        said = self._do(self._transport.exec, LOOK).decode()
        start, slot, found = False, "", {}
        for line in said.splitlines():
            first, _, rest = line.strip().partition(" ")
            if first == "start":
                start = rest == "True"
            elif first == "slot":
                slot = rest
            elif len(first) == 64:
                found[rest] = first
        if not said.rstrip().endswith("end") or not slot:
            raise DeployError("the board's answer makes no sense: %r" % said[-200:])
        return start, slot, found

    def make_folder(self, path: str) -> None:
        if not self._do(self._transport.fs_exists, path):
            self._do(self._transport.fs_mkdir, path)

    def write(self, path: str, content: bytes) -> None:
        """Write under another name, then rename: if the cable is pulled, the old file is still whole."""
        try:
            self._do(self._transport.fs_writefile, path + ".new", content, _PIECE)
        except DeployError:
            # mpremote leaves the file open, as `f`, and an open file keeps its space.
            for code in ("f.close()", "import os\nos.remove(%r)" % (path + ".new")):
                try:
                    self._transport.exec(code)
                except (self._failure, OSError):
                    pass
            raise
        self._do(self._transport.exec, "import os\nos.rename(%r, %r)" % (path + ".new", path))

    def remove(self, path: str) -> None:
        self._do(self._transport.fs_rmfile, path)

    def restart(self) -> None:
        self._do(self._transport.exec_raw_no_follow, "import machine\nmachine.reset()")
        self._transport.close()

    def close(self) -> None:
        """Leave the board in its REPL."""
        self._do(self._transport.exit_raw_repl)
        self._transport.close()

    def _do(self, function, *arguments):
        try:
            return function(*arguments)
        except (self._failure, OSError) as error:
            if getattr(error, "errno", None) == errno.ENOSPC:
                raise DeployError(
                    "the board's file system is full. What was copied so far stays; the phone\n"
                    "does not start until all of it is there. Make room: make repl"
                )
            raise DeployError("the board said: %s" % error)


class Plan:
    """The work to do: `write` [(path, content)], `remove` [path]; `same`: the number of files that stay."""

    def __init__(self, wanted: "list[tuple[str, bytes]]", slot: str, present: "dict[str, str]"):
        content = {"/%s/%s" % (slot, name): octets for name, octets in wanted}
        self.write = [
            (path, octets)
            for path, octets in sorted(content.items())
            if present.get(path) != hashlib.sha256(octets).hexdigest()
        ]
        self.remove = sorted(path for path in present if path not in content)
        self.same = len(content) - len(self.write)
        self.folders = sorted({folder for path, _ in self.write for folder in _parents(path)})


def _parents(path):
    steps = path.split("/")[1:-1]
    return ["/" + "/".join(steps[: count + 1]) for count in range(len(steps))]


def deploy(board: Board, wanted: "list[tuple[str, bytes]]", start: "list[tuple[str, bytes]]") -> Plan:
    """Make the running slot hold `wanted`; `start` goes to the root of a board that has no start file."""
    has_start, slot, present = board.look()
    plan = Plan(wanted, slot, present)
    if not has_start:
        plan.write += [("/" + name, octets) for name, octets in start]
    # Removed first, to make room.
    for path in plan.remove:
        print("deploy: away with %s" % path, flush=True)
        board.remove(path)
    for folder in plan.folders:
        board.make_folder(folder)
    total = sum(len(octets) for _, octets in plan.write)
    done = 0
    for number, (path, octets) in enumerate(plan.write):
        print(
            "deploy: %d/%d %3d %% %s" % (number + 1, len(plan.write), 100 * done // max(1, total), path),
            flush=True,
        )
        board.write(path, octets)
        done += len(octets)
    print(
        "deploy: slot %s: %d copied (%.1f KB), %d removed, %d as they were"
        % (slot, len(plan.write), total / 1024, len(plan.remove), plan.same),
        flush=True,
    )
    return plan


def only_port(board: str) -> str:
    ports = usb_ports()
    if not ports:
        raise DeployError((NO_PORT % board).replace("make flash", "make deploy"))
    if len(ports) > 1:
        raise DeployError("several boards are connected; say PORT=… with one of " + ", ".join(ports))
    return ports[0]


def main() -> int:
    about, notes = __doc__.split("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=notes)
    parser.add_argument("board", metavar="BOARD", help="one of: " + ", ".join(application.boards()))
    parser.add_argument("--port", help="such as /dev/ttyUSB0 (default: the only board that is connected)")
    parser.add_argument("--no-native", action="store_true", help="leave out the voice core in C")
    parser.add_argument(
        "--no-soft-reset", action="store_true", help="take a MicroPython that is idle as it is"
    )
    parser.add_argument("--no-restart", action="store_true", help="leave the board in its REPL")
    options = parser.parse_args()
    try:
        if application.papers(options.board).get("image", "stock") != "stock":
            raise DeployError(
                "the application of %s is in its firmware: make firmware, then make flash" % options.board
            )
        wanted = application.build(options.board, not options.no_native)
        board = Board(options.port or only_port(options.board), not options.no_soft_reset)
        deploy(board, wanted, application.start_files())
        if options.no_restart:
            board.close()
        else:
            board.restart()
            print("deploy: the phone restarts. For its console: make repl")
    except (DeployError, ApplicationError) as error:
        print("deploy: %s" % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
