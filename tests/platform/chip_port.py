"""The chip that behaviour/ is about: here the ESP32 port's own C over the model of ESP-IDF (docs/ported.md)."""

import time

import esp32_model

PORT = True
NAME = esp32_model.chip()


def air(points):
    """Access points in reach: {ssid: password, or None for an open one}."""
    esp32_model.air([(ssid, points[ssid], -55) for ssid in sorted(points)])


def refusal(reason):
    """The reason with which a wrong password is answered."""
    esp32_model.refusal(reason)


def kick(reason):
    """The access point sends the station away."""
    esp32_model.kick(reason)


def cable(plugged, answers=True):
    """The Ethernet cable, and whether the transceiver answers."""
    esp32_model.cable(plugged)
    esp32_model.transceiver(answers)


def fast(factor):
    """Let time pass faster, where a test waits for seconds."""
    esp32_model.speed(factor)


def slow(divisor):
    """Let time pass more slowly, so that a busy host does not look like a busy chip."""
    esp32_model.slow(divisor)


def run(ms):
    """Let time pass; handlers run."""
    time.sleep_ms(ms)


def stall(ms):
    """The interpreter is busy in C for so long."""
    esp32_model.stall(ms)


def now():
    return time.ticks_ms()


def since(then):
    return time.ticks_diff(time.ticks_ms(), then)


def interrupts(handler, count):
    """So many interrupts, while the interpreter is busy in C; how many of them were taken."""
    return esp32_model.schedule(handler, count)


def _index(transmits):
    for channel in esp32_model.i2s_channels():
        if channel[1] == transmits:
            return channel[0]
    raise ValueError("no such stream runs")


def hear(samples):
    """16-bit mono samples that the microphone of the running stream sends from now on."""
    taken = esp32_model.i2s_hear(_index(False), samples)
    assert taken == len(samples) // 2, taken


def said():
    """All samples that the output's wire carried since the last call."""
    index = _index(True)
    samples = bytearray(2 * esp32_model.i2s_waiting(index))
    return bytes(samples[: 2 * esp32_model.i2s_said(index, samples)])


def pin(number):
    return number
