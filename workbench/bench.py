"""One simulated phone, controlled by JSON lines: commands on standard input, events on standard output.

    python tools/sim.py --bench --config phone.json        (docs/bench.md: the commands and events)

The bench runs inside the phone's process, on either interpreter. It works on the simulated hardware only:
keys through the matrix's contacts, sound through the I2S model, text out of the display chip's RAM. Events
of lines and calls come from the firmware's public observers.
"""

import asyncio
import json
import os
import select
import socket
import sys

import board
import compat
from app.phone import life, load_settings
from compat import const, ticks_diff
from hal.sim import png, wav
from hal.sim.tap import Tap
from hal.sim.world import World
from services.settings import settings_store
from services.settings.section import SettingsError
from sip.syntax.grammar import format_host
from workbench import screen_text
from workbench.free_ports import on_free_ports

# How long a key is held, and the pause before the next one: both longer than the debouncing.
_PRESS_MS = const(60)
_PAUSE_MS = const(60)
_MAX_HOLD_MS = const(60000)
# The pause between a change of the hook and the next key.
_HOOK_MS = const(120)
_MAX_LINE = const(4096)
_MAX_SETTINGS = const(32769)  # a byte more than the phone takes
_MAX_WAITING = const(1000)
_MAX_SCALE = const(8)
_POLLED = const(24)  # more sockets than any chip has

# The display is read when it has not changed for this long.
_STILL_MS = const(30)
_LOOK_MS = const(10)


class CommandError(ValueError):
    """An invalid command; the message is for the person who wrote it."""


def to_json(pairs) -> str:
    """A JSON object with its members in the order of `pairs`, on either interpreter."""
    return "{" + ", ".join([json.dumps(name) + ": " + json.dumps(value) for name, value in pairs]) + "}"


def write_line(line: str) -> None:
    """Write one whole line to standard output, and flush."""
    sys.stdout.write(line + "\n")
    if hasattr(sys.stdout, "flush"):
        sys.stdout.flush()


def end_at_once() -> None:
    """End the process as a power cut would: nothing is closed or reported."""
    if hasattr(os, "_exit"):
        os._exit(0)
    sys.exit(0)


class Input:
    """Lines from standard input; never blocks."""

    def __init__(self):
        # Unbuffered: `poll` does not see bytes in the interpreter's buffer.
        self._file = open("/dev/stdin", "rb", buffering=0)  # noqa: SIM115 - open as long as the process
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLIN)
        self._line = bytearray()
        self.ended = False

    def read(self) -> "str | None":
        """The next line if one has arrived, else None. CommandError if the line is too long."""
        while not self.ended and self._poll.poll(0):
            octet = self._file.read(1)
            if octet == b"\n":
                line, self._line = self._line, bytearray()
                if len(line) > _MAX_LINE:
                    raise CommandError("a line of more than %d octets" % _MAX_LINE)
                return compat.decode(line)
            if octet:
                # One byte more than allowed is kept, to detect that the line is too long.
                if len(self._line) <= _MAX_LINE:
                    self._line += octet
            else:
                self.ended = True
        return None


class Earpiece:
    """Records the output that the phone plays on to a WAV file, at the sample rate of the I2S wire."""

    def __init__(self, world, path: str):
        self._world = world
        self._path = path
        self._rate = 0
        self._writer: wav.Writer = None
        # Created now, so that a path that cannot be written fails now.
        open(path, "wb").close()
        self._outputs = sorted(world.amplifiers)
        for output in self._outputs:
            world.set_recorder(self._sink(output), output)

    def close(self) -> None:
        for output in self._outputs:
            self._world.set_recorder(None, output)
        if self._writer is None:
            self._writer = wav.Writer(self._path, self._rate or wav.RATES[0])
        self._writer.close()

    def _sink(self, output):
        def sink(samples, rate):
            powered = [name for name in self._outputs if self._world.amplifiers[name]]
            if output != (powered or self._outputs)[0]:
                return
            if self._writer is None:
                self._rate = rate
                self._writer = wav.Writer(self._path, rate)
            # A WAV file has one sample rate: samples at another are dropped.
            if rate == self._rate:
                self._writer.write(samples)

        return sink


class Bench:
    """Connects the phone (app.phone.Phone) on `world` (hal.sim.world) to standard input and output."""

    def __init__(self, world, emit=write_line):
        self._world = world
        self._phone = None
        self._emit = emit
        self._input = None
        self._waiting = []
        self._microphone = None
        self._earpiece = None
        self._ringing = False
        self._shown = None
        self._version = None
        self._still_since = None
        world.listeners.append(self._on_hardware)

    def attach(self, phone) -> None:
        """Work on `phone` from now on: it has been started."""
        self._phone = phone
        phone.observers.append(self._on_phone)
        phone.log.sinks.append(self._on_log)

    # ---- the two loops, which the caller runs as tasks beside the phone and the world ----

    async def command_loop(self) -> None:
        """Carry out commands, one after the other; returns after `quit` or at the end of the input."""
        self._input = Input()
        while True:
            self._read_waiting()
            if not self._waiting:
                if self._input.ended:
                    return
                await compat.sleep(_LOOK_MS)
                continue
            if await self._carry_out(self._waiting.pop(0)) == "quit":
                return

    async def display_loop(self) -> None:
        """Report the text on the display when the text has changed and the display is still."""
        while True:
            now = compat.ticks_ms()
            if not self._world.display.lit:
                pass  # an unlit panel shows nothing of its RAM
            elif self._world.display.version != self._version:
                self._version = self._world.display.version
                self._still_since = now
            elif self._still_since is not None and ticks_diff(now, self._still_since) >= _STILL_MS:
                self._still_since = None
                lines = self.lines()
                if lines != self._shown:
                    self._shown = lines
                    self.tell("display", ("lines", lines))
            await compat.sleep(_LOOK_MS)

    def close(self) -> None:
        """Close the sound files."""
        self._hear(None)
        self._record(None)

    # ---- out ----

    def tell(self, event: str, *pairs) -> None:
        self._emit(to_json([("event", event)] + list(pairs)))

    def error(self, message: str) -> None:
        self.tell("error", ("message", message))

    def lines(self) -> list:
        """The text on the display."""
        return screen_text.read_text(self._world.display.image(), placed=True)

    def _on_hardware(self, kind, name, value):
        if kind == "ringer":
            # The tone warbles: only its start and its end are reported.
            if bool(value) != self._ringing:
                self._ringing = bool(value)
                tone = [("tone", "%d Hz" % value)] if value else []
                self.tell("ringer", ("on", self._ringing), *tone)
        elif kind == "lamp":
            self.tell("lamp", ("name", name), ("on", value))

    def _on_phone(self, kind, thing):
        if kind == "ready":
            self.tell("ready", ("sip", _place(thing)))
        elif kind == "web":
            self.tell("web", ("url", "http://127.0.0.1:%d/" % thing[1]))
        elif kind == "line":
            self.tell("line", *line_pairs(thing))
        elif kind == "call":
            self.tell("call", *call_pairs(thing))

    def _on_log(self, level, text):
        if level == "error":
            self.error(text)

    # ---- in ----

    def _read_waiting(self):
        while True:
            try:
                line = self._input.read()
                if line is None:
                    return
                if line.strip():
                    self._take(line)
            except CommandError as error:
                self.error("bench: %s" % error)

    def _take(self, line):
        try:
            command = json.loads(line)
        except (ValueError, RuntimeError, MemoryError):
            raise CommandError("not JSON: %s" % _shortened(line))
        if not isinstance(command, dict):
            raise CommandError("not an object: %s" % _shortened(line))
        if command.get("do") == "power":
            # Before the commands that wait: a power cut is immediate.
            if command.get("state") != "cut":
                raise CommandError('power: "state" must be "cut"')
            end_at_once()
        if len(self._waiting) >= _MAX_WAITING:
            raise CommandError("more than %d commands wait" % _MAX_WAITING)
        self._waiting.append(command)

    async def _carry_out(self, command):
        name = command.get("do")
        try:
            if name == "press":
                await self._press(command, _PRESS_MS)
            elif name == "hold_key":
                await self._press(command, _number(command, "ms", 1, _MAX_HOLD_MS))
            elif name == "hook":
                await self._hook(command)
            elif name == "quit":
                return "quit"
            elif isinstance(name, str) and name in _COMMANDS:
                _COMMANDS[name](self, command)
            else:
                raise CommandError("no such command: %s" % _shortened(json.dumps(name)))
        except (ValueError, OSError) as error:
            name = name if isinstance(name, str) else "command"
            self.error("bench: %s: %s" % (_shortened(name), error))
        return None

    async def _press(self, command, ms):
        key = _text(command, "key")
        self._world.press(key)
        await compat.sleep(ms)
        self._world.release(key)
        await compat.sleep(_PAUSE_MS)

    async def _hook(self, command):
        self._world.hook(_text(command, "state"))
        await compat.sleep(_HOOK_MS)

    def _mic(self, command):
        path = _text_or_none(command, "wav")
        self._hear(wav.Reader(path) if path else None)

    def _hear(self, reader):
        self._world.set_microphone(reader.read if reader else None)
        if self._microphone:
            self._microphone.close()
        self._microphone = reader

    def _record_command(self, command):
        self._record(_text_or_none(command, "wav"))

    def _record(self, path):
        if self._earpiece:
            self._earpiece.close()
            self._earpiece = None
        if path:
            self._earpiece = Earpiece(self._world, path)

    def _network(self, command):
        self._world.radio.move(_text_or_none(command, "address"))

    def _screenshot(self, command):
        path = _text(command, "png")
        scale = _number(command, "scale", 1, _MAX_SCALE) if "scale" in command else 1
        rows = self._world.display.image()
        with open(path, "wb") as file:
            file.write(png.encode(len(rows[0]), len(rows), lambda x, y: rows[y][x], scale))

    def _state(self, command):
        phone = self._phone
        pairs = [
            ("sip", _place(phone.address) if phone.address else None),
            ("hook", self._world.hook_state),
            ("display", self.lines()),
            ("ringer", self._ringing),
            ("lamps", self._world.lamps),
            ("lines", [dict(line_pairs(line)) for line in phone.lines]),
            ("calls", [dict(call_pairs(call)) for call in phone.calls]),
            ("counters", phone.counters()),
        ]
        self.tell("state", *pairs)


_COMMANDS = {
    "mic": Bench._mic,
    "network": Bench._network,
    "record": Bench._record_command,
    "screenshot": Bench._screenshot,
    "state": Bench._state,
}


def _place(address):
    return "%s:%d" % (format_host(address[0]), address[1])


def line_pairs(line) -> list:
    """A line as the bench reports it."""
    pairs = [("line", line.number), ("state", line.state)]
    if line.reason:
        pairs.append(("reason", line.reason))
    return pairs


def call_pairs(call) -> list:
    """A call as the bench reports it."""
    pairs = [
        ("call", call.id),
        ("line", call.line.number),
        ("state", call.state),
        ("peer", str(call.peer)),
        ("direction", call.direction),
    ]
    if call.live and call.encrypted:
        pairs.append(("encrypted", True))
    if call.state == "ended":
        pairs.append(("reason", call.reason))
        if call.stats:
            pairs.append(("stats", call.stats))
    return pairs


def _shortened(text):
    return text if len(text) <= 60 else text[:60] + "…"


def _text(command, name):
    value = command.get(name)
    if not isinstance(value, str) or not value:
        raise CommandError('"%s" must be a string' % name)
    return value


def _text_or_none(command, name):
    if name in command and command[name] is None:
        return None
    return _text(command, name)


def _number(command, name, minimum, maximum):
    value = command.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
        raise CommandError('"%s" must be a whole number, %d to %d' % (name, minimum, maximum))
    return value


# ---- the process ----


def main(arguments) -> int:
    """Run the phone; returns the exit code.

    `arguments`: the settings' path or "", the storage folder, the capture's path or "", the web interface's
    port or "".
    """
    compat.keep_heap_whole()
    _make_room_to_poll()
    try:
        return asyncio.run(_run(*arguments))
    except KeyboardInterrupt:
        return 130


def _make_room_to_poll():
    """Make MicroPython's unix port poll many sockets once, while it polls nothing else.

    Its table moves all entries when it grows, and crashes on a ThreadSafeFlag, which has no entry to move
    (extmod/modselect.c). The chips' ports have no such table.
    """
    core = getattr(asyncio, "core", None)
    if core is None:
        return
    sockets = [socket.socket() for _ in range(_POLLED)]
    for each in sockets:
        core._io_queue.poller.register(each, select.POLLIN)
    for each in sockets:
        core._io_queue.poller.unregister(each)
        each.close()


async def _run(config, folder, capture, port):
    world = World()
    hardware = board.create(folder)
    try:
        if config:
            _put_on(hardware.storage, config)
    except SettingsError as error:
        return _refuse(error.mistakes)
    except OSError as error:
        return _refuse(["%s: %s" % (config, error)])
    tap = Tap(capture) if capture else None
    bench = Bench(world)

    def begin(phone):
        phone.log.sinks.append(_to_standard_error)
        if tap:
            tap.watch(phone.signalling)
            tap.watch_media(phone.ports)
        bench.attach(phone)

    phones = life(hardware, int(port) if port else None)
    phones.started.append(begin)
    if not config:
        phones.check = on_free_ports(phones.check)

    async def commands():
        try:
            await bench.command_loop()
        finally:
            phones.end()

    tasks = [asyncio.create_task(loop()) for loop in (world.run_forever, bench.display_loop, commands)]
    await phones.run()
    for task in tasks:
        task.cancel()
    bench.close()
    if tap:
        tap.close()
    return 0


def _put_on(storage, config):
    """Check the settings in the file `config`, and store them as the phone's settings."""
    with open(config, "rb") as file:
        # The file's own size: a buffer of the maximum would take a quarter of a small heap.
        document = file.read(min(os.stat(config)[6], _MAX_SETTINGS))
    load_settings(document)
    if storage.read(settings_store.OWN) != document:
        storage.write(settings_store.OWN, document)


def _refuse(mistakes):
    for mistake in mistakes:
        write_line(to_json([("event", "error"), ("message", mistake)]))
        print(mistake, file=sys.stderr)
    return 2


def _to_standard_error(level, text):
    print("%s: %s" % (level, text), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
