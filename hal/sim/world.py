"""The outside of a simulated phone: inputs from a person or a test, and its visible and audible outputs.

    world = World()                     # the parts of boards/sim, on a chip that runs in real time
    board = board.create()              # the firmware's drivers find that chip through `machine`
    asyncio.create_task(world.run_forever())
    world.hook("off"); world.press("5"); world.release("5")

Tests give a VirtualClock and call `run(ms)` instead.
"""

import compat
from hal.sim import soc as chips
from hal.sim.circuit import PULL_UP, Circuit
from hal.sim.clock import RealClock
from hal.sim.parts import solder_parts

_STEP_MS = 5


class World:
    """`board` is a board's module (default: boards/sim), whose CHIP, PINS, PARTS and KEYS are the wiring.

    Attributes: `display` (hal.sim.ssd1306: .image(), .panel(), .on, .version; None without one), `radio`
    (hal.sim.radio), `cable` (hal.sim.cable), `soc`, `parts` {name of a model's module: the model},
    `ringer` (Hz, 0 silent; 1 through a loudspeaker), `lamps` {name: lit}, `amplifiers` {output: powered},
    `hook_state`.
    """

    def __init__(self, clock=None, board=None):
        if board is None:
            import board  # type: ignore[no-redef]
        self.clock = clock or RealClock()
        self.soc = chips.Soc(self.clock, getattr(board, "CHIP", "esp32s3"))
        chips.make_current(self.soc)
        self.circuit: Circuit = self.soc.circuit
        self.radio = self.soc.radio
        self.cable = self.soc.cable
        self.powered = True
        self.bounce_ms = 4  # how long a contact bounces after each change
        self.listeners = []  # called with (kind, name, value): see _tell
        self.ringer = 0
        self.ringer_loudness = 0  # per cent; a piezo is loudest at a duty cycle of one half
        self.lamps = {}
        self.amplifiers = {}
        self.hook_state = "on"
        self.ticks = 0  # ms that have passed in this World
        if hasattr(self.clock, "advance"):
            self.soc.on_busy = self.stall
        self._last = self.clock.now()
        self._plan = []  # [due tick, contact, closed], by time
        self._microphone = None
        self._recorders = {}
        self._solder(board)

    # Inputs from a person

    def press(self, key: str) -> None:
        """Press a key. ValueError: no such key on this board."""
        self._bounce(self._key(key), True)

    def release(self, key: str) -> None:
        """Release a key. ValueError: no such key on this board."""
        self._bounce(self._key(key), False)

    def hook(self, state: str) -> None:
        """Lift ("off") or put down ("on") the handset."""
        if state not in ("on", "off"):
            raise ValueError("hook: %r is neither on nor off" % state)
        self.hook_state = state
        self._bounce(self._hook, state == "off")

    def turn(self, detents: int) -> None:
        """Turn the encoder by `detents`, 20 ms each; to the left if negative."""
        order = self._turns if detents > 0 else self._turns[::-1]
        for _ in range(abs(detents)):
            for closed in (True, False):
                for contact in order:
                    self._bounce(contact, closed)
                    self.run(5)

    def set_microphone(self, source) -> None:
        """Set the microphone's input: signed 16-bit little-endian mono at the wire's rate.

        `source` is a function of (frames, rate) that returns up to `frames` samples as octets; or octets,
        played once; or None. Missing samples are silence. It is called once per DMA buffer.
        """
        if isinstance(source, (bytes, bytearray, memoryview)):
            source = _played_once(source)
        self._microphone = source

    def set_recorder(self, sink, output: str = "handset") -> None:
        """Call `sink(samples, rate)` with the sound that `output` plays: 16-bit mono, a DMA buffer at a time.

        Silence is zeros; while the wire is stopped there are no calls. None ends the calls.
        """
        self._recorders[output] = sink

    def cut_power(self) -> None:
        """Cut the power: from now on nothing runs, and no interrupt fires."""
        self.powered = False

    # Time

    def run(self, ms: int) -> None:
        """Let `ms` of simulated time pass; advances a virtual clock."""
        while ms > 0 and self.powered:
            step = min(ms, self._until_next(), _STEP_MS)
            if hasattr(self.clock, "advance"):
                self.clock.advance(step)
            self.ticks += step
            self._do_due()
            self.soc.advance(step)
            ms -= step

    def stall(self, ms: int) -> None:
        """Let `ms` pass while the interpreter is busy, as in a garbage collection: the hardware continues,
        and interrupts wait until the end."""
        self.soc.stall(True)
        self.run(ms)
        self.soc.stall(False)

    async def run_forever(self) -> None:
        """Follow a real clock. When the host was late, catch up in small steps, between which other tasks
        run: a stalled host must not look like a stalled chip."""
        self._last = self.clock.now()
        while self.powered:
            behind = compat.ticks_diff(self.clock.now(), self._last)
            if behind < _STEP_MS:
                await compat.sleep(_STEP_MS - behind)
                continue
            self._last = compat.ticks_add(self._last, _STEP_MS)
            self.run(_STEP_MS)
            await compat.sleep(0)

    # Construction

    def _solder(self, board) -> None:
        pins = board.PINS
        self.parts = solder_parts(self.soc, pins, getattr(board, "PARTS", {"ssd1306": 0x3C}))
        self.display = None
        for name in ("ssd1306", "sh1106", "st7789", "ili9341"):
            self.display = self.parts.get(name, self.display)
        self._keys = {}
        diodes = getattr(board, "KEY_DIODES", False)
        for row, names in zip(pins["key_rows"], board.KEYS):
            for column, name in zip(pins["key_columns"], names):
                self._keys[name] = self.circuit.contact(row, column, diodes)
        if "encoder" in pins:
            self._keys["ok"] = self.circuit.contact(pins["encoder"][2], "GND")
            self._turns = [self.circuit.contact(pin, "GND") for pin in pins["encoder"][:2]]
        # The cradle's switch closes to ground when the handset is lifted.
        self._hook = self.circuit.contact(pins["hook"], "GND")
        for number in pins.get("pulled_up", ()):
            self.circuit.pin(number).pull = PULL_UP
        self._roles = {}
        self._tone_ringer = "ringer" not in pins
        if not self._tone_ringer:
            self._roles[pins["ringer"]] = ("ringer", "ringer")
        if "backlight" in pins:
            self._roles[pins["backlight"]] = ("backlight", "backlight")
        self._pixels = pins.get("pixels", {})
        for name in self._pixels:
            self.lamps[name] = False
        self.soc.on_pixels = self._pixels_changed
        for kind, values in (("lamp", self.lamps), ("amplifier", self.amplifiers)):
            named = pins.get(kind + "s", {})
            for name in sorted(named):
                self._roles[named[name]] = (kind, name)
                values[name] = False
        self._microphone_pins = tuple(pins.get(name) for name in ("mic_sck", "mic_ws", "mic_sd"))
        self._speaker_pins = (pins["amp_sck"], pins["amp_ws"], pins["amp_sd"])
        self.circuit.on_output.append(self._output_changed)
        self.soc.on_stream = self._stream_started

    def _key(self, name):
        if name not in self._keys:
            raise ValueError("no key %r on this board" % name)
        return self._keys[name]

    # Contacts

    def _bounce(self, contact, closed) -> None:
        """Let a contact close and open several times within some ms before it settles."""
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
        # A stream on the wrong pins is not connected.
        if (sck, ws, sd) == self._microphone_pins:
            stream.source = self._hear
        elif (sck, ws, sd) == self._speaker_pins:
            stream.sink = self._sound

    def _hear(self, frames, rate):
        return self._microphone(frames, rate) if self._microphone else None

    def _sound(self, samples, rate) -> None:
        if "es8311" in self.parts:
            samples = self.parts["es8311"].play(samples)
        if self._tone_ringer:
            self._hear_bell(samples)
        for output in sorted(self._recorders):
            sink = self._recorders[output]
            if sink:
                sink(samples if self.amplifiers.get(output) else bytes(len(samples)), rate)

    def _hear_bell(self, samples) -> None:
        """A board without a sounder rings through its loudspeaker."""
        loudest = 0
        if self.amplifiers.get("speaker"):
            for index in range(1, len(samples), 2):
                loudest = max(loudest, samples[index] if samples[index] < 128 else 0)
        self._set_ringer(1 if loudest else 0, min(100, loudest * 100 // 61))

    # Outputs

    def _set_ringer(self, frequency, loudness) -> None:
        before, self.ringer = self.ringer, frequency
        self.ringer_loudness = loudness
        if before != frequency:
            self._tell("ringer", "ringer", frequency)

    def _pixels_changed(self, number, pixels) -> None:
        for name in self._pixels:
            pin, index = self._pixels[name]
            if pin == number:
                self._set_lamp(name, any(pixels[index]))

    def _set_lamp(self, name, lit) -> None:
        before, self.lamps[name] = self.lamps[name], lit
        if before != lit:
            self._tell("lamp", name, lit)

    def _output_changed(self, pin) -> None:
        if pin.number not in self._roles:
            return
        kind, name = self._roles[pin.number]
        if kind == "ringer":
            frequency, duty = pin.pwm or (0, 0)
            loudness = min(duty, 65536 - duty) * 100 // 32768 if duty else 0
            self._set_ringer(frequency if loudness else 0, loudness)
        elif kind == "backlight":
            self.display.backlight = (pin.pwm[1] * 100 + 32767) // 65535 if pin.pwm else 0
        elif kind == "lamp":
            self._set_lamp(name, bool(pin.driven()))
        else:
            powered = bool(pin.driven())
            before, self.amplifiers[name] = self.amplifiers[name], powered
            if self._tone_ringer and name == "speaker" and not powered:
                self._set_ringer(0, 0)
            if before != powered:
                self._tell(kind, name, powered)

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
