"""The chip that behaviour/ is about: here the Python stand-ins of hal/sim/modules, in virtual time."""

import os

from hal.sim import soc as chips
from hal.sim.clock import VirtualClock

PORT = False
NAME = os.getenv("CHIP", "esp32s3")

_clock = VirtualClock()
_soc = chips.Soc(_clock, NAME)
chips.make_current(_soc)
_soc.radio.access_points = {}
_sound = []  # what the microphone still has to send
_said = bytearray()


def air(points):
    _soc.radio.access_points = dict(points)


def refusal(reason):
    _soc.radio.refusal = reason


def kick(reason):
    _soc.radio.kick(reason)


def cable(plugged, answers=True):
    _soc.cable.plugged = plugged
    _soc.cable.answers = answers
    _soc.cable.wiring = None  # whatever it is wired to


def fast(factor):
    pass


def slow(divisor):
    pass


def run(ms):
    for _ in range(ms):
        _clock.advance(1)
        _soc.advance(1)


def stall(ms):
    _soc.stall(True)
    run(ms)
    _soc.stall(False)


_soc.on_busy = stall


def now():
    return _clock.now()


def since(then):
    return _clock.now() - then


def interrupts(handler, count):
    _soc.stall(True)
    taken = sum(1 for number in range(count) if _soc.interrupt(handler, number))
    _soc.stall(False)
    return taken


def _source(frames, rate):
    out = b""
    while _sound and len(out) < 2 * frames:
        out += _sound[0][: 2 * frames - len(out)]
        _sound[0] = _sound[0][2 * frames :]
        if not _sound[0]:
            _sound.pop(0)
    return out


def _started(sck, ws, sd, stream):
    if stream.mode == 1:
        stream.source = _source
    else:
        stream.sink = lambda samples, rate: _said.extend(samples)


_soc.on_stream = _started


def hear(samples):
    _sound.append(bytes(samples))


def said():
    out = bytes(_said)
    _said[:] = b""
    return out


def pin(number):
    import machine

    return machine.Pin(number)
