"""`make sim`: the console from a pipe and on a terminal."""

import os
import pty
import re
import select
import socket
import subprocess
import sys
import time

from tools.lib.bench_client import ROOT

COMMAND = [sys.executable, "tools/play.py"]


def test_from_a_pipe_a_call_can_be_made_and_each_picture_is_printed():
    lines = (
        "help\n201: bogus\nwait 5\n201: hook 202#\nwait 2.5\n202: hook\nwait 1.5\n201: hook\nwait 1\nquit\n"
    )
    run = subprocess.run(COMMAND, cwd=ROOT, input=lines, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith('Type "201: hook 202#"')
    assert "keys: hook 0 1 2" in run.stdout and 'no key "bogus"' in run.stdout
    places = [run.stdout.index(text) for text in ("registered", "Incoming call", "In call", "Call ended")]
    # The display is read once it is still, so the bell may be told before it or after.
    assert places == sorted(places) and places[0] < run.stdout.index("RINGS") < places[2]
    frames = [line for line in run.stdout.splitlines() if line.startswith("┌")]
    assert frames and all("201" in line and "202" in line and len(line) == 53 for line in frames)


def test_a_port_that_is_taken_is_told_in_a_sentence():
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        run = subprocess.run(
            [*COMMAND, "--new", str(port)], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
    assert run.returncode == 1 and "{" not in run.stderr
    assert run.stderr.startswith(f"port {port}: Address already in use. Choose another")


class Terminal:
    """The console on a pseudo terminal; `seen` is what it wrote since the last look."""

    def __init__(self):
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            COMMAND, cwd=ROOT, stdin=slave, stdout=slave, stderr=subprocess.DEVNULL
        )
        os.close(slave)
        self.seen = ""

    def until(self, pattern, seconds=15):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.seen, re.DOTALL):
            assert time.monotonic() < end, (pattern, self.seen[-3000:])
            if select.select([self._master], [], [], 0.1)[0]:
                self.seen += os.read(self._master, 65536).decode("utf-8", "replace")

    def type(self, text):
        self.seen = ""
        os.write(self._master, text.encode())

    def close(self):
        try:
            return self._process.wait(10)
        finally:
            self._process.kill()
            os.close(self._master)


def test_on_a_terminal_strokes_are_keys_of_the_phone_with_the_arrow():
    terminal = Terminal()
    try:
        terminal.until("201 registered.*202 registered")
        terminal.until("> 201.*Try it: h 2 0 2 #")
        terminal.type("202")
        terminal.until("│ +202 +│ +│")
        terminal.type("\r")
        terminal.until("Incoming call")
        terminal.type("\th")
        terminal.until("> 202.*In call.*In call")
        terminal.type("\x1b[A\x1b[Bh")
        terminal.until("Call ended")
        terminal.type("q")
    finally:
        assert terminal.close() == 0
