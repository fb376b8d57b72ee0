"""Settings that a newer version wrote: what this one knows of them stays."""

import json

from services.settings import newer_settings, settings
from support.check import raises

LINE = {"aor": "sip:201@example.com", "password": "x", "transport": "quic", "mood": "calm"}
NEWER = {
    "lines": [LINE],
    "audio": {"codecs": ["opus"], "volume": 40, "echo": {"tail_ms": 64}},
    "fax": {"on": True},
    "ui": {"contrast": 200, "utc_offset_min": None},
}


def test_what_is_unknown_or_wrong_is_left_out_and_named():
    document, dropped = newer_settings.known_part(json.dumps(NEWER).encode())
    assert dropped == [
        "audio.codecs",
        "audio.echo",
        "fax",
        "lines[0].mood",
        "lines[0].transport",
        "ui.contrast",
    ]
    loaded = settings.load(document)
    assert (loaded.lines[0].aor, loaded.lines[0].transport) == ("sip:201@example.com", "udp")
    assert (loaded.audio.volume, loaded.audio.codecs) == (40, ("G722", "PCMA", "PCMU"))
    raises(settings.SettingsError, settings.load, json.dumps(NEWER).encode())


def test_what_is_good_stays_as_it_is():
    good = {"lines": [{"aor": "sip:201@example.com"}], "audio": {"volume": 40}}
    document, dropped = newer_settings.known_part(json.dumps(good).encode())
    assert json.loads(document) == good and dropped == []


def test_what_is_required_stays_wrong():
    document, dropped = newer_settings.known_part(b'{"lines": [{"aor": "mailto:x"}]}')
    assert dropped == [] and raises(settings.SettingsError, settings.load, document)
    for value in (b"[]", b"3", b'{"lines": 5}', b'{"lines": [7]}', b'{"audio": 3}'):
        raises(settings.SettingsError, settings.load, newer_settings.known_part(value)[0])
    raises(ValueError, newer_settings.known_part, b"{")
