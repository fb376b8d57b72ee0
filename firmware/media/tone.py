"""Call-progress tones: which frequencies and cadence a country uses (ITU-T E.180 Supplement 2).

A tone is a list of segments (ms, frequency, …) in the order in which they sound; a segment without a
frequency is silence, and 0 ms means for ever. It repeats from its first segment.
"""

NAMES = ("dial", "ringback", "busy", "congestion", "call_waiting")

# ETSI TR 101 041 recommends one plan for Europe; the others are what E.180 lists for the country.
COUNTRIES: "dict[str, dict[str, tuple]]" = {
    "etsi": {
        "dial": ((0, 425),),
        "ringback": ((1000, 425), (4000,)),
        "busy": ((500, 425), (500,)),
        "congestion": ((250, 425), (250,)),
        "call_waiting": ((200, 425), (600,), (200, 425), (3000,)),
    },
    "us": {
        "dial": ((0, 350, 440),),
        "ringback": ((2000, 440, 480), (4000,)),
        "busy": ((500, 480, 620), (500,)),
        "congestion": ((250, 480, 620), (250,)),
        "call_waiting": ((300, 440), (9700,)),
    },
    "uk": {
        "dial": ((0, 350, 440),),
        "ringback": ((400, 400, 450), (200,), (400, 400, 450), (2000,)),
        "busy": ((375, 400), (375,)),
        "congestion": ((400, 400), (350,), (225, 400), (525,)),
        "call_waiting": ((100, 400), (3000,)),
    },
}

_ROWS = (697, 770, 852, 941)
_COLUMNS = (1209, 1336, 1477, 1633)
_KEYS = "123A456B789C*0#D"


def script(country: str, name: str) -> bytes:
    """The tone as the core plays it. KeyError for an unknown country or name."""
    return pack(COUNTRIES[country][name], True)


def key_script(digit: str, ms: int) -> bytes:
    """A key's DTMF pair (ITU-T Q.23), once, for `ms`."""
    place = _KEYS.index(digit.upper())
    return pack(((ms, _ROWS[place // 4], _COLUMNS[place % 4]),), False)


def pack(segments, repeat: bool) -> bytes:
    """Segments as octets: a first one that says whether to repeat, then four 16-bit numbers for each."""
    octets = bytearray((1 if repeat else 0,))
    for segment in segments:
        numbers = tuple(segment) + (0,) * (4 - len(segment))
        for number in numbers:
            octets.append(number >> 8)
            octets.append(number & 0xFF)
    return bytes(octets)
