"""The voice core in Python: what `native/core` does in C, sample for sample, through the same functions."""

# What `set` takes.
MUTE = 0
HOLD_SEND = 1
HOLD_RECEIVE = 2
VOLUME = 3
CAPTURE_GAIN = 4

# What `counters` gives, in this order, each modulo 2**32.
COUNTERS = (
    "ssrc", "timestamp", "sent_at", "sent", "sent_octets",
    "remote_ssrc", "remote_sequence", "expected", "received", "jitter",
    "duplicate", "late", "overflow", "invalid",
    "concealed", "slipped", "resynced",
    "capture_energy", "playout_energy",
)

PACKET_MAX = 172
# Octets of an event packet and of a voice packet.
PACKET_SIZES = (16, 172)


class Voice:
    pass


def new() -> Voice:
    return Voice()


def start(voice, rate, capture_bits):
    pass


def open(voice, parameters):
    pass


def update(voice, parameters):
    pass


def close(voice):
    pass


def transmit(voice, frame, packet, now):
    return 0


def receive(voice, packet, length, now):
    return -1


def playout(voice, frame):
    for index in range(len(frame)):
        frame[index] = 0


def set(voice, option, value):
    pass


def counters(voice, values):
    pass


def tone(voice, script):
    pass


def send_digit(voice, event, ms):
    return 0


def next_digit(voice):
    return -1
