"""Sound files of the bench: forms that are read, rates, and files that are none."""

import os
import struct

from hal.sim import wav
from support.check import raises

PATH = "test_wav_%d.tmp" % (id(object()) & 0xFFFF)


def sound(samples, rate=8000, channels=1, kind=1, bits=16, extra=b""):
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * 2 * channels, 2 * channels, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + extra
    data = struct.pack("<%dh" % len(samples), *samples)
    body += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def with_file(octets, function):
    with open(PATH, "wb") as file:
        file.write(octets)
    try:
        return function()
    finally:
        os.remove(PATH)


def read(octets, rate, count):
    def function():
        reader = wav.Reader(PATH)
        # In two pieces: nothing may be lost between them.
        sound = reader.read(count // 2, rate) + reader.read(count - count // 2, rate)
        reader.close()
        return list(struct.unpack("<%dh" % count, sound))

    return with_file(octets, function)


def test_sound_comes_out_as_it_is_and_then_silence():
    samples = [0, 1, -1, 32767, -32768, 1000] * 100
    # One sample late: the one before the file began is silence.
    assert read(sound(samples), 8000, 610) == [0] + samples + [0] * 9


def test_stereo_is_mixed_and_other_chunks_are_passed_over():
    extra = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    assert read(sound([100, 200, -100, -300], channels=2, extra=extra), 8000, 4) == [0, 150, -200, 0]


def test_slow_sound_is_drawn_in_lines():
    assert read(sound([600, 1200]), 48000, 18) == [0] * 0 + [
        0,
        100,
        200,
        300,
        400,
        500,
        600,
        700,
        800,
        900,
        1000,
        1100,
        1200,
        1000,
        800,
        600,
        400,
        200,
    ]


def test_fast_sound_is_averaged():
    assert read(sound([0, 60, 120, 180, 240, 300, 6] + [6] * 5, rate=48000), 8000, 4) == [0, 150, 6, 0]


def test_what_is_written_can_be_read_at_any_moment():
    def function():
        writer = wav.Writer(PATH, 16000)
        writer.write(struct.pack("<3h", 5, -6, 7))
        reader = wav.Reader(PATH)
        sound_so_far = reader.read(4, 16000)
        reader.close()
        writer.write(struct.pack("<1h", 8))
        writer.close()
        with open(PATH, "rb") as file:
            assert file.read() == sound([5, -6, 7, 8], rate=16000)
        return list(struct.unpack("<4h", sound_so_far))

    assert with_file(b"", function) == [0, 5, -6, 7]


def test_what_is_no_sound_says_why():
    cases = (
        (b"", "not a WAV file"),
        (b"RIFF\0\0\0\0WAVE", "no sound in the file"),
        (sound([])[:30], "cut off in its header"),
        (sound([], bits=8), "must be 16-bit PCM"),
        (sound([], kind=3), "must be 16-bit PCM"),
        (sound([], channels=3), "must have one or two channels, not 3"),
        (sound([], rate=44100), "must have 8000, 16000 or 48000 samples a second, not 44100"),
    )
    for octets, why in cases:
        error = with_file(octets, lambda: raises(wav.WavError, wav.Reader, PATH))
        assert why in str(error), (str(error), why)
    raises(OSError, wav.Reader, "no such file.wav")


def test_a_length_that_lies_is_not_believed():
    octets = bytearray(sound([1, 2]))
    octets[40:44] = b"\xff\xff\xff\xff"
    assert read(bytes(octets), 8000, 5) == [0, 1, 2, 0, 0]
