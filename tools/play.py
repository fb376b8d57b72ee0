#!/usr/bin/env python3
"""Two simulated desk phones and their registrar on this machine, shown in and controlled from this terminal.

On a terminal each key presses a key of the phone that has the arrow; from a pipe it reads lines such as
"201: hook 202#", "202: hook" and "wait 2" (seconds).
"""

import argparse
import os
import queue
import select
import socket
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.lib.bench_client import NotInTime, Phone, Registrar, settings

USERS = {"201": ("first secret", "Ada"), "202": ("second secret", "Grace")}
LOGS = ROOT / "build" / "sim"
COLUMNS, ROWS = 21, 8
TICK_S = 0.05

# What a terminal sends for one stroke -> the phone's key. Letters stand for keys that have no character.
KEYS = {key: key for key in "0123456789*#"}
KEYS.update(
    {
        "\r": "ok",
        "\n": "ok",
        "\x7f": "back",
        "\b": "back",
        "\x1b[A": "up",
        "\x1b[B": "down",
        "+": "volume_up",
        "-": "volume_down",
        "s": "speaker",
        "m": "mute",
        "r": "redial",
        "l": "hold",
        "a": "soft1",
        "b": "soft2",
        "c": "soft3",
        "d": "soft4",
    }
)
WORDS = [
    *"0123456789*#",
    "ok",
    "back",
    "up",
    "down",
    "hold",
    "transfer",
    "conference",
    "mute",
    "volume_up",
    "volume_down",
    "speaker",
    "headset",
    "redial",
    "messages",
    "line1",
    "line2",
    "soft1",
    "soft2",
    "soft3",
    "soft4",
]
HELP_TERMINAL = """Tab: the other phone   h: handset up, down   0-9 * #: keys   P: hold 0 for +
Enter: ok   Backspace: back   arrows: up, down   a b c d: the four soft keys
r: redial   s: speaker   m: mute   l: hold   + -: volume   q: quit

Try it: h 2 0 2 #   then Tab h: you are in a call. Tab h: it ends."""
HELP_NEW = """Nobody has set up the phone 202 yet. Open %s in a browser:
Wi-Fi office, its password correct horse; account sip:202@%s, its password second secret."""
HELP_PIPE = """Type "201: hook 202#", then "202: hook", then "201: hook".
"wait 2" waits, "help" lists the keys, "quit" ends."""


class Screen:
    """The state of one phone, as far as its events tell, drawn as text."""

    def __init__(self, name: str):
        self.name = name
        self.lines = [""] * ROWS
        self.off_hook = False
        self.ringing = False
        self.lamp = False
        self.message = ""

    def take(self, event: dict) -> bool:
        """Record an event; whether the picture may have changed."""
        kind = event.get("event")
        if kind == "display":
            self.lines = (event["lines"] + [""] * ROWS)[:ROWS]
        elif kind == "ringer":
            self.ringing = event["on"]
        elif kind == "lamp":
            self.lamp = event["on"]
        elif kind == "error":
            self.message = event["message"]
        else:
            return False
        return True

    def rows(self, focused: bool) -> list:
        """The picture: the display in a frame, and a line for handset, ringer and lamp."""
        title = f"{'> ' if focused else ''}{self.name}"
        body = ["│ " + line[:COLUMNS].ljust(COLUMNS) + " │" for line in self.lines]
        state = "handset up" if self.off_hook else "handset down"
        state += "  RINGS" if self.ringing else "  lamp" if self.lamp else ""
        top = "┌─ " + title + " " + "─" * (COLUMNS - len(title) - 1) + "┐"
        return [top, *body, "└" + "─" * (COLUMNS + 2) + "┘", state.ljust(COLUMNS + 4)]


class Console:
    """Both phones and their registrar. With `new`, a TCP port, the second phone is not set up and has its web
    interface there."""

    def __init__(self, write, new: "int | None" = None):
        self._write = write
        self._new = new
        self.help = ""
        self._events: queue.Queue = queue.Queue()
        self.screens = [Screen(name) for name in USERS]
        self.phones: list = []
        self.focus = 0
        self._registrar: Registrar = None

    def start(self) -> None:
        if self._new:
            refuse_taken(self._new)
        LOGS.mkdir(parents=True, exist_ok=True)
        self._registrar = Registrar({name: secret for name, (secret, _) in USERS.items()})
        for name, (secret, display_name) in USERS.items():
            config, options = settings(name, secret, self._registrar.address, display_name), []
            if self._new is not None and self.phones:
                config, options = None, ["--page", str(self._new)]
            self.phones.append(Phone(name, config, self._on_event, options=options, log=LOGS / f"{name}.log"))
        if self._new is not None:
            url = self.phones[-1].wait("web")["url"]
            self.help = HELP_NEW % (url, self._registrar.address) + "\n"

    def _on_event(self, phone: Phone, event: dict) -> None:
        self._events.put((phone, event))

    def stop(self) -> None:
        for phone in self.phones:
            try:
                phone.do("quit")
            except OSError:
                pass  # the phone has ended already
        for phone in self.phones:
            try:
                phone.ended()
            except NotInTime:
                pass
            phone.close()
        if self._registrar:
            self._registrar.close()

    def update(self) -> bool:
        """Take the phones' events; whether the picture may have changed."""
        changed = False
        while not self._events.empty():
            phone, event = self._events.get()
            changed |= self.screens[list(USERS).index(phone.name)].take(event)
        return changed

    def picture(self, with_focus: bool) -> str:
        columns = [screen.rows(with_focus and n == self.focus) for n, screen in enumerate(self.screens)]
        rows = ["   ".join(pair) for pair in zip(*columns)]
        rows += [f"{screen.name}: {screen.message}" for screen in self.screens if screen.message]
        return "\n".join(rows)

    def hook(self, number: int) -> None:
        screen = self.screens[number]
        screen.off_hook = not screen.off_hook
        self.phones[number].do("hook", state="off" if screen.off_hook else "on")

    # ---- words, from a pipe ----

    def line(self, text: str) -> bool:
        """Carry out one line; False for the last."""
        name, colon, words = text.strip().partition(":")
        if colon and name.strip() in USERS:
            self.focus = list(USERS).index(name.strip())
        else:
            words = text
        for word in words.split():
            if word == "quit":
                return False
            if word == "help":
                self._write(HELP_PIPE + "\nkeys: hook " + " ".join(WORDS))
            elif word == "hook":
                self.hook(self.focus)
            elif word in WORDS:
                self.phones[self.focus].do("press", key=word)
            elif word.strip("0123456789*#") == "":
                self.phones[self.focus].keys(word)
            else:
                self._write(f'no key "{word}"; "help" lists them')
        return True


def refuse_taken(port: int) -> None:
    """NotInTime where another program listens on this TCP port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError as error:
            raise NotInTime(
                f"port {port}: {error.strerror}. Choose another for the web interface: "
                f'make sim ARGS="--new {port + 1}"'
            ) from None


def from_pipe(console: Console, lines) -> None:
    """Lines from `lines`; each new picture is printed under the last."""

    def write_changes(seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(TICK_S)
            if console.update():
                # Events of one change come together: draw them once.
                time.sleep(2 * TICK_S)
                console.update()
                print(console.picture(False), flush=True)

    print(console.help + HELP_PIPE, flush=True)
    waiting: queue.Queue = queue.Queue()
    threading.Thread(target=read_lines, args=(lines, waiting), daemon=True).start()
    while True:
        try:
            line = waiting.get_nowait()
        except queue.Empty:
            write_changes(TICK_S)
            continue
        if line is None:
            write_changes(1.0)
            return
        words = line.split()
        if len(words) == 2 and words[0] == "wait" and words[1].replace(".", "", 1).isdigit():
            write_changes(min(float(words[1]), 3600))
        elif not console.line(line):
            return


def read_lines(file, waiting: queue.Queue) -> None:
    """Put every line of `file` into `waiting`, and None after the last."""
    for line in iter(file.readline, ""):
        waiting.put(line)
    waiting.put(None)


def from_terminal(console: Console) -> None:
    """One key for each key stroke; each picture is drawn over the last."""
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        print("\x1b[2J", end="")
        draw(console)
        while True:
            if console.update():
                draw(console)
            if select.select([sys.stdin], [], [], TICK_S)[0]:
                if not strokes(console, os.read(sys.stdin.fileno(), 64).decode("utf-8", "replace")):
                    return
                draw(console)
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def draw(console: Console) -> None:
    text = console.picture(True) + "\n\n" + console.help + HELP_TERMINAL
    print("\x1b[H" + "".join(row + "\x1b[K\r\n" for row in text.split("\n")) + "\x1b[J", end="", flush=True)


def strokes(console: Console, text: str) -> bool:
    """Carry out the typed key strokes; False to quit."""
    while text:
        stroke, text = (text[:3], text[3:]) if text[:2] == "\x1b[" else (text[0], text[1:])
        phone = console.phones[console.focus]
        if stroke in ("q", "\x04"):
            return False
        if stroke == "\t":
            console.focus = 1 - console.focus
        elif stroke == "h":
            console.hook(console.focus)
        elif stroke == "P":
            phone.do("hold_key", key="0", ms=1000)
        elif stroke in KEYS:
            phone.do("press", key=KEYS[stroke])
    return True


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--new",
        nargs="?",
        type=int,
        const=8080,
        metavar="PORT",
        help="the second phone is as it comes out of the box, its page on this port (8080)",
    )
    options = parser.parse_args()
    console = Console(lambda text: print(text, flush=True), options.new)
    try:
        console.start()
        if sys.stdin.isatty() and sys.stdout.isatty():
            from_terminal(console)
        else:
            from_pipe(console, sys.stdin)
    except KeyboardInterrupt:
        pass
    except NotInTime as failure:
        print(failure, file=sys.stderr)
        return 1
    finally:
        console.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
