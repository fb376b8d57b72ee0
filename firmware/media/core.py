"""The interface of every voice core, in C or Python, and the search for a native one.

A core is a module with the functions of `native/core/voice.h`: new start open update close transmit receive
playout set counters play_tone send_digit next_digit, mix and adjust.
"""

from compat import const, damage_of, native_format

FRAME_MS = const(20)
FRAME_SAMPLES = const(160)  # at 8 kHz, the core's own rate

VOICE_PACKET = const(172)  # octets
EVENT_PACKET = const(16)
NOISE_PACKET = const(13)

NO_EVENTS = const(255)

# The settings that `set` takes.
MUTE = const(0)
HOLD_SEND = const(1)
HOLD_RECEIVE = const(2)
VOLUME = const(3)
CAPTURE_GAIN = const(4)
VAD = const(5)

CAPTURE_GAIN_MAX = const(6)

# The values of `counters`, in this order, each modulo 2**32; `voice.h` explains them.
COUNTERS = (
    "ssrc",
    "timestamp",
    "sent_at",
    "sent",
    "sent_octets",
    "remote_known",
    "remote_ssrc",
    "remote_sequence",
    "source_expected",
    "source_received",
    "expected",
    "received",
    "jitter",
    "duplicate",
    "late",
    "overflow",
    "invalid",
    "concealed",
    "slipped",
    "resynced",
    "capture_energy",
    "playout_energy",
)


def find_native(name: str = "voice_core"):
    """(core, "") for the native module `name`, or (None, why not) if this interpreter cannot run it."""
    damage = damage_of(name)
    if damage:
        return None, "needs %s for %s (%s)" % (name, native_format(), damage)
    try:
        return __import__(name), ""  # a native .mpy or a user C module
    except ImportError as error:
        reason = str(error)
    except ValueError as error:  # MicroPython: a .mpy for another architecture or ABI
        return None, "needs %s for %s (%s)" % (name, native_format(), error)
    try:
        return __import__("native.host." + name, None, None, ("new",)), ""  # CPython, through ctypes
    except ImportError as error:
        return None, "%s; %s" % (reason, error)
