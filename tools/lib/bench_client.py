"""Controls simulated phones from another program: start them, send commands, wait for events.

with Phone("201", settings) as phone:
    phone.wait("line", state="registered")
    phone.keys("202#")
    phone.wait("call", state="active")
"""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class NotInTime(AssertionError):
    """The expected event did not come in time; the message lists the events that did."""


def settings(user: str, password: str, registrar: str, display_name: "str | None" = None, **line) -> dict:
    """A phone.json for one line at `registrar` ("host:port"), on any free ports of the loopback interface."""
    host = registrar.rpartition(":")[0]
    account = {"aor": f"sip:{user}@{host}", "password": password, "registrar": f"sip:{registrar}"}
    account.update({"proxy": f"sip:{registrar};lr", "display_name": display_name or user}, **line)
    return {"lines": [account], "network": {"sip_port": 0, "rtp_port_min": 0, "rtp_port_max": 0}}


class Program:
    """A program that writes events as JSON lines. `events` keeps them all, each with its time "at" in s.

    `listener(program, event)` is called on another thread with each event as it comes. The program's standard
    error goes to the file `log`, or to ours.
    """

    def __init__(self, name: str, command: list, listener=None, log=None):
        self.name = name
        self.events: list = []
        self._listener = listener
        self._waited: dict = {}  # kind -> the index from which to look for the next
        self._queue: queue.Queue = queue.Queue()
        errors = open(log, "w") if log else None  # noqa: SIM115 - the program's from now on
        # A session of its own: Ctrl-C reaches only the controlling program, which then ends this one.
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            start_new_session=True,
            env=dict(os.environ, PYTHONUNBUFFERED="1"),
        )
        if errors:
            errors.close()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                event = {"event": "output", "text": line.rstrip("\n")}
            self._queue.put(event)
            if self._listener:
                self._listener(self, event)
        self._queue.put(None)

    def _next(self, timeout: float) -> "dict | None":
        """The next event, added to `events`; None when none came in time, or the program has ended."""
        try:
            event = self._queue.get(timeout=max(0, timeout))
        except queue.Empty:
            return None
        if event is None:
            self._queue.put(None)
            return None
        event["at"] = time.monotonic()
        self.events.append(event)
        return event

    def wait(self, event: str, timeout: float = 10, where=None, **fields) -> dict:
        """The next event of that kind with these fields for which `where(event)` holds. Raises NotInTime.

        The search starts after the last event of this kind that was waited for, so waiting for one kind loses
        no events of others.
        """
        deadline = time.monotonic() + timeout
        at = self._waited.get(event, 0)
        while True:
            while at < len(self.events):
                found = self.events[at]
                at += 1
                if found["event"] == event and all(found.get(key) == value for key, value in fields.items()):
                    if where is None or where(found):
                        self._waited[event] = at
                        return found
            if self._next(deadline - time.monotonic()) is None:
                wanted = f"no {event} {fields or ''} within {timeout} s"
                raise NotInTime(f"{self.name}: {wanted}; came last: {self.events[-6:]}")

    def gather(self, seconds: float) -> list:
        """All events of the next `seconds`."""
        deadline = time.monotonic() + seconds
        before = len(self.events)
        while time.monotonic() < deadline:
            if self._next(deadline - time.monotonic()) is None and self._process.poll() is not None:
                break
        return self.events[before:]

    def ended(self, timeout: float = 5) -> int:
        """The exit code, once the program has ended. Raises NotInTime."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise NotInTime(f"{self.name}: has not ended within {timeout} s") from None

    def close(self) -> None:
        """Terminate the program, and kill it if it does not end."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(2)  # a grandchild that holds the pipe is not waited for
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                pipe.close()
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


class Phone(Program):
    """A simulated phone. `settings`: a dict as in phone.json, the text of that file, or None for a phone that
    is not set up. `files`, {name: text}, are written to its flash, too.

    `flash` is the folder of its stored files.
    """

    def __init__(self, name: str, settings, listener=None, pcap=None, options=(), log=None, files=None):
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        self.flash = Path(self._folder.name)
        command = ["tools/sim.py", "--bench", "--data", self._folder.name]
        for each, text in (files or {}).items():
            (self.flash / each).write_text(text, encoding="utf-8")
        if settings is not None:
            config = self.flash / "phone.json"
            text = settings if isinstance(settings, str) else json.dumps(settings)
            config.write_text(text, encoding="utf-8")
            command += ["--config", str(config)]
        if pcap:
            command += ["--pcap", str(pcap)]
        super().__init__(name, command + list(options), listener, log)

    def do(self, what: str, **fields) -> None:
        """Send a command: do("press", key="5")."""
        self.write(json.dumps(dict(fields, do=what)))

    def write(self, line: str) -> None:
        """Send a line as it is."""
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def keys(self, *keys: str) -> None:
        """Press keys by name; a string of digits, `*` and `#` is pressed one by one."""
        for key in keys:
            for each in key if key.strip("0123456789*#") == "" else [key]:
                self.do("press", key=each)

    def state(self, timeout: float = 5) -> dict:
        """The answer to `state`."""
        self._waited["state"] = len(self.events)
        self.do("state")
        return self.wait("state", timeout)

    def file(self, name: str) -> "str | None":
        """The text of a file in the phone's flash, or None."""
        path = self.flash / name
        return path.read_text(encoding="utf-8") if path.exists() else None

    def quit(self) -> int:
        """End the phone in order; returns its exit code."""
        self.do("quit")
        return self.ended()

    def close(self) -> None:
        super().close()
        self._folder.cleanup()


class Registrar(Program):
    """The embedded registrar and proxy on a free port; `address` is its "host:port"."""

    def __init__(self, users: dict, listener=None, pcap=None, options=()):
        command = ["tools/pbx.py", "--json", "--held", "--listen", "127.0.0.1:0"]
        for user, password in users.items():
            command += ["--user", f"{user}:{password}"]
        if pcap:
            command += ["--pcap", str(pcap)]
        self.address = ""
        super().__init__("registrar", command + list(options), listener)
        self.address = self.wait("ready")["sip"]
