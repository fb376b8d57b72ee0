"""Mixes and amplifies frames, as `voice_mix` and `voice_adjust` in `native/core/voice.c` do."""

import array

from media import core, level


def mix(frame, other):
    into, samples = memoryview(frame), array.array("h", bytes(other))
    wide = len(into) == 2 * len(other)
    if not wide and len(into) != len(other):
        raise ValueError("frames of %d and %d octets" % (len(into), len(other)))
    mixed = array.array("i" if wide else "h", bytes(into))
    shift = 16 if wide else 0
    for index, sample in enumerate(samples):
        total = min(max((mixed[index] >> shift) + sample, -32768), 32767)
        mixed[index] = total << shift | (mixed[index] & 0xFFFF if wide else 0)
    into[:] = bytes(mixed)


def adjust(frame, bits, steps, volume):
    into = memoryview(frame)
    if (
        bits not in (16, 32)
        or len(into) % (bits // 8)
        or steps > core.CAPTURE_GAIN_MAX
        or volume > level.UNITY
    ):
        raise ValueError("%d octets of %d bits, gain %d, volume %d" % (len(into), bits, steps, volume))
    samples = array.array("h" if bits == 16 else "i", bytes(into))
    most = 0x7FFFFFFF >> steps
    for index, sample in enumerate(samples):
        if bits == 32:
            samples[index] = min(max(sample, -most), most) << steps
        else:
            samples[index] = level.raised(sample, steps)
    if bits == 16:
        level.scale(samples, volume)
    into[:] = bytes(samples)
