"""Call-progress tones by country, after ITU-T E.180 Supplement 2.

A cadence is a row of `frequencies/ms`: frequencies in Hz, joined by + where they sound together, 0 for
silence; 0 ms lasts forever. A cadence repeats from its start. A tone that a country modulates by a low
frequency is written as the pair of tones that beats at that rate.
"""

NAMES = ("dial", "ringback", "busy", "congestion", "call_waiting")

# Cadences in the order of NAMES. "etsi" is what TR 101 041 recommends for Europe.
COUNTRIES = {
    "etsi": ("425/0", "425/1000 0/4000", "425/500 0/500", "425/200 0/200", "425/200 0/600 425/200 0/3000"),
    "at": ("420/0", "420/1000 0/5000", "420/400 0/400", "420/200 0/200", "420/40 0/1950"),
    "au": (
        "413+438/0",
        "413+438/400 0/200 413+438/400 0/2000",
        "425/375 0/375",
        "425/375 0/375",
        "425/200 0/200 425/200 0/4400",
    ),
    "br": ("425/0", "425/1000 0/4000", "425/250 0/250", "425/250 0/250 425/750 0/250", "425/50 0/1000"),
    "ch": ("425/0", "425/1000 0/4000", "425/500 0/500", "425/200 0/200", "425/200 0/200 425/200 0/4000"),
    "cn": ("450/0", "450/1000 0/4000", "450/350 0/350", "450/700 0/700", "450/400 0/4000"),
    "de": ("425/0", "425/1000 0/4000", "425/480 0/480", "425/240 0/240", "425/200 0/200 425/200 0/5000"),
    "es": (
        "425/0",
        "425/1500 0/3000",
        "425/200 0/200",
        "425/200 0/200 425/200 0/200 425/200 0/600",
        "425/175 0/175 425/175 0/3500",
    ),
    "fr": ("440/0", "440/1500 0/3500", "440/500 0/500", "440/250 0/250", "440/300 0/10000"),
    "it": (
        "425/200 0/200 425/600 0/1000",
        "425/1000 0/4000",
        "425/500 0/500",
        "425/200 0/200",
        "425/400 0/100 425/250 0/100 425/150 0/14000",
    ),
    "jp": ("400/0", "392+408/1000 0/2000", "400/500 0/500", "400/500 0/500", "392+408/500 0/8000"),
    "nl": ("425/0", "425/1000 0/4000", "425/500 0/500", "425/250 0/250", "425/500 0/9500"),
    "nz": (
        "400/0",
        "400+450/400 0/200 400+450/400 0/2000",
        "400/500 0/500",
        "400/250 0/250",
        "400/200 0/3000",
    ),
    "se": ("425/0", "425/1000 0/5000", "425/250 0/250", "425/250 0/750", "425/200 0/500 425/200 0/5000"),
    "uk": (
        "350+440/0",
        "400+450/400 0/200 400+450/400 0/2000",
        "400/375 0/375",
        "400/400 0/350 400/225 0/525",
        "400/100 0/3000",
    ),
    "us": ("350+440/0", "440+480/2000 0/4000", "480+620/500 0/500", "480+620/250 0/250", "440/300 0/9700"),
}

_ROWS = (697, 770, 852, 941)
_COLUMNS = (1209, 1336, 1477, 1633)
_KEYS = "123A456B789C*0#D"


def script(country: str, name: str) -> bytes:
    """The tone as a voice core plays it. KeyError for an unknown country or name."""
    if name not in NAMES:
        raise KeyError(name)
    return _pack(COUNTRIES[country][NAMES.index(name)], True)


def key_script(digit: str, ms: int) -> bytes:
    """A key's DTMF pair (ITU-T Q.23), once, for `ms`. KeyError for a key that DTMF does not have."""
    place = _KEYS.find(digit.upper())
    if place < 0 or len(digit) != 1:
        raise KeyError(digit)
    return _pack("%d+%d/%d" % (_ROWS[place // 4], _COLUMNS[place % 4], ms), False)


def _pack(cadence: str, repeat: bool) -> bytes:
    """One octet for `repeat`, then ms and three frequencies per segment, 16 bits each, big-endian."""
    octets = bytearray((1 if repeat else 0,))
    for segment in cadence.split(" "):
        frequencies, _, ms = segment.partition("/")
        numbers = [int(ms)] + [int(frequency) for frequency in frequencies.split("+")]
        for number in numbers + [0] * (4 - len(numbers)):
            octets.append(number >> 8)
            octets.append(number & 0xFF)
    return bytes(octets)
