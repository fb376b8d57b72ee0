"""When the echo is cancelled, and what the canceller is given; its sound is measured in tests/voice."""

from media import core
from media.engine import Engine
from phone.voice.voice import Voice
from support.devices import Sound


class Module:
    """In the place of echo_core: writes down what it is called with."""

    def __init__(self):
        self.made = []
        self.calls = []

    def new(self, rate, options, delay):
        self.made.append((rate, options, delay))
        return len(self.made)

    def cancel(self, state, mic, far):
        self.calls.append((state, bytes(mic), bytes(far)))

    cancel_wide = cancel


def voice_with(module, echo, **options):
    """A Voice, and what puts `find_native` back."""
    found = core.find_native
    core.find_native = lambda name="voice_core": (module, "") if name == "echo_core" else found(name)

    def put_back():
        core.find_native = found

    return Voice(Sound(), Engine(native=False), lambda count: bytes(count), echo=echo, **options), put_back


def frame(voice):
    voice.codec.waiting += 1
    voice.frame(0)


def test_the_canceller_gets_the_frame_that_was_played_before():
    module = Module()
    voice, put_back = voice_with(module, "all")
    try:
        voice.codec.said = bytes([1, 2]) * 160
        voice.start("handset")
        voice.tone("busy")
        frame(voice)
        played = voice.codec.heard
        frame(voice)
    finally:
        put_back()
    assert module.made == [(8000, 3, 0)]
    assert module.calls == [(1, voice.codec.said, bytes(320)), (1, voice.codec.said, played)]
    assert any(played)


def test_only_the_output_that_is_named_has_one():
    for echo, handset, speaker in (("off", 0, 0), ("speaker", 0, 1), ("all", 1, 1)):
        module = Module()
        voice, put_back = voice_with(module, echo)
        try:
            for output, wanted in (("handset", handset), ("speaker", speaker), ("handset", handset)):
                voice.start(output)
                del module.calls[:]
                frame(voice)
                assert len(module.calls) == wanted, (echo, output)
            voice.stop()
            voice.start("speaker")
        finally:
            put_back()
        # A new one when sound starts again: nothing of the last call's room is kept.
        assert len(module.made) == 2 * speaker


def test_a_call_goes_without_where_there_is_no_module_or_no_memory():
    class Full(Module):
        def new(self, rate, options, delay):
            raise MemoryError

    for module in (None, Full()):
        voice, put_back = voice_with(module, "all")
        try:
            voice.start("speaker")
            frame(voice)
        finally:
            put_back()
        assert voice.codec.written == 1


def test_the_delay_is_what_the_codec_says_and_a_wide_microphone_is_told_its_gain():
    module = Module()
    voice, put_back = voice_with(module, "all", gain=90)
    try:
        voice.codec.capture_bits = 32
        voice.codec.lead_ms = 64
        voice.start("speaker")
    finally:
        put_back()
    assert module.made == [(8000, 3 | 3 << 8, 3)]


def test_at_48_khz_there_is_none():
    module = Module()
    voice, put_back = voice_with(module, "all")
    try:
        voice.codec.rate = 48000
        from phone.voice.echo import echo_of

        assert echo_of(voice.codec, 0) is None
    finally:
        put_back()
