"""What a person, or a bench, does to a simulated phone from outside, and what it gives to see and hear.

    world = World()                     # the parts of boards/sim, soldered to a chip that runs in real time
    board = board.create()              # the firmware's drivers find that chip through `machine`
    asyncio.create_task(world.run_forever())
    world.hook("off"); world.press("5"); world.release("5")

Tests give a VirtualClock and call `run(ms)` instead.
"""

import compat
from hal.sim import soc as chips
from hal.sim.circuit import Circuit
from hal.sim.clock import RealClock
from hal.sim.ssd1306 import Ssd1306

_STEP_MS = 5


class World:
    """`board` is a board's module: its PINS and KEYS say where the parts are soldered (default: boards/sim).

    Afterwards: `display` (hal.sim.ssd1306: .image(), .panel(), .on, .version), `radio` (hal.sim.radio),
    `soc`, `ringer` (Hz, 0 silent), `lamps` {name: lit}, `amplifiers` {output: powered}, `hook_state`.
    """

    def __init__(self, clock=None, board=None):
        if board is None:
            import board  # type: ignore[no-redef]
        self.clock = clock or RealClock()
        self.soc = chips.Soc(self.clock)
        chips.make_current(self.soc)
        self.circuit: Circuit = self.soc.circuit
        self.radio = self.soc.radio
        self.powered = True
        self.bounce_ms = 4  # how long a contact bounces after each change
        self.listeners = []  # called with (kind, name, value): see _tell
        self.ringer = 0
        self.ringer_loudness = 0  # per cent; a piezo is loudest at a duty cycle of one half
        self.lamps = {}
        self.amplifiers = {}
        self.hook_state = "on"
        self.ticks = 0  # ms that have passed here
        self._last = self.clock.now()
        self._plan = []  # [due tick, contact, closed], by time
        self._microphone = None
        self._recorders = {}
        self._solder(board.PINS, board.KEYS, getattr(board, "KEY_DIODES", False))

    # What a person does

    def press(self, key: str) -> None:
        """Push a key down. ValueError: no such key on this board."""
        self._bounce(self._key(key), True)

    def release(self, key: str) -> None:
        """Let a key go. ValueError: no such key on this board."""
        self._bounce(self._key(key), False)

    def hook(self, state: str) -> None:
        """Lift ("off") or put down ("on") the handset."""
        if state not in ("on", "off"):
            raise ValueError("hook: %r is neither on nor off" % state)
        self.hook_state = state
        self._bounce(self._hook, state == "off")

    def set_microphone(self, source) -> None:
        """What the microphone hears from now on: signed 16-bit little-endian mono at the wire's rate.

        A function of (frames, rate) that returns up to `frames` samples as octets; or octets, played once;
        or None. Where there are too few, silence fills. Asked in pieces of one DMA buffer, as the wire runs.
        """
        if isinstance(source, (bytes, bytearray, memoryview)):
            source = _played_once(source)
        self._microphone = source

    def set_recorder(self, sink, output: str = "handset") -> None:
        """Call `sink(samples, rate)` with all that `output` plays: 16-bit mono octets, one DMA buffer a time.

        Silence comes as zeros; while the wire stands still nothing comes. None ends it.
        """
        self._recorders[output] = sink

    def cut_power(self) -> None:
        """Take the power away: from now on nothing moves, and no interrupt fires."""
        self.powered = False

    # Time

    def run(self, ms: int) -> None:
        """Let `ms` of simulated time pass; a virtual clock is moved along."""
        while ms > 0 and self.powered:
            step = min(ms, self._until_next(), _STEP_MS)
            if hasattr(self.clock, "advance"):
                self.clock.advance(step)
            self.ticks += step
            self._do_due()
            self.soc.advance(step)
            ms -= step

    def stall(self, ms: int) -> None:
        """Let `ms` pass while the interpreter is busy, as in a garbage collection: hardware runs on, and
        interrupts wait until the end."""
        self.soc.stall(True)
        self.run(ms)
        self.soc.stall(False)

    async def run_forever(self) -> None:
        """Keep up with a real clock. Where the host was late, catch up in small steps, with every other task
        in turn: a host that stalls is not a chip that stalls."""
        self._last = self.clock.now()
        while self.powered:
            behind = compat.ticks_diff(self.clock.now(), self._last)
            if behind < _STEP_MS:
                await compat.sleep(_STEP_MS - behind)
                continue
            self._last = compat.ticks_add(self._last, _STEP_MS)
            self.run(_STEP_MS)
            await compat.sleep(0)

    # How it is built

    def _solder(self, pins, keys, diodes) -> None:
        self.display = Ssd1306()
        self.soc.attach_i2c(pins["i2c_scl"], pins["i2c_sda"], self.display)
        self._keys = {}
        for row, names in zip(pins["key_rows"], keys):
            for column, name in zip(pins["key_columns"], names):
                self._keys[name] = self.circuit.contact(row, column, diodes)
        # The cradle's switch closes to ground when the handset is lifted.
        self._hook = self.circuit.contact(pins["hook"], "GND")
        self._roles = {pins["ringer"]: ("ringer", "ringer")}
        for name in sorted(pins["lamps"]):
            self._roles[pins["lamps"][name]] = ("lamp", name)
            self.lamps[name] = False
        for name in sorted(pins["amplifiers"]):
            self._roles[pins["amplifiers"][name]] = ("amplifier", name)
            self.amplifiers[name] = False
        self._microphone_pins = (pins["mic_sck"], pins["mic_ws"], pins["mic_sd"])
        self._speaker_pins = (pins["amp_sck"], pins["amp_ws"], pins["amp_sd"])
        self.circuit.on_output.append(self._output_changed)
        self.soc.on_stream = self._stream_started

    def _key(self, name):
        if name not in self._keys:
            raise ValueError("no key %r on this board" % name)
        return self._keys[name]

    # Contacts

    def _bounce(self, contact, closed) -> None:
        """A metal contact closes or opens several times within some ms before it stays."""
        self._plan = [entry for entry in self._plan if entry[1] is not contact]
        self.circuit.set_contact(contact, closed)
        state = closed
        for delay in range(1, self.bounce_ms + 1):
            state = not state if delay < self.bounce_ms else closed
            self._plan.append((self.ticks + delay, contact, state))
        self._plan.sort(key=_due)

    def _until_next(self) -> int:
        return max(1, self._plan[0][0] - self.ticks) if self._plan else _STEP_MS

    def _do_due(self) -> None:
        while self._plan and self._plan[0][0] <= self.ticks:
            _, contact, closed = self._plan.pop(0)
            self.circuit.set_contact(contact, closed)

    # Sound

    def _stream_started(self, sck, ws, sd, stream) -> None:
        # A wire on the wrong pin carries nothing.
        if (sck, ws, sd) == self._microphone_pins:
            stream.source = self._hear
        elif (sck, ws, sd) == self._speaker_pins:
            stream.sink = self._sound

    def _hear(self, frames, rate):
        return self._microphone(frames, rate) if self._microphone else None

    def _sound(self, samples, rate) -> None:
        for output in sorted(self._recorders):
            sink = self._recorders[output]
            if sink:
                sink(samples if self.amplifiers.get(output) else bytes(len(samples)), rate)

    # Outputs

    def _output_changed(self, pin) -> None:
        if pin.number not in self._roles:
            return
        kind, name = self._roles[pin.number]
        if kind == "ringer":
            frequency, duty = pin.pwm or (0, 0)
            self.ringer_loudness = min(duty, 65536 - duty) * 100 // 32768 if duty else 0
            value = frequency if self.ringer_loudness else 0
            before, self.ringer = self.ringer, value
        else:
            value = bool(pin.driven())
            values = self.lamps if kind == "lamp" else self.amplifiers
            before = values[name]
            values[name] = value
        if value != before:
            self._tell(kind, name, value)

    def _tell(self, kind, name, value) -> None:
        """Kinds: "ringer" (Hz, 0 for silence), "lamp" and "amplifier" (on or not)."""
        for listener in self.listeners:
            listener(kind, name, value)


def _due(entry) -> int:
    return entry[0]


def _played_once(samples):
    view = memoryview(bytes(samples))
    position = [0]

    def source(frames, rate):
        start = position[0]
        position[0] = start + 2 * frames
        return view[start : start + 2 * frames]

    return source
