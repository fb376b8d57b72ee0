"""phone.json: defaults, every kind of mistake by its path, and secrets that stay secret."""

# micropython-heap: 1M: builds hostile documents of 100 KB

import json

from services.settings import settings
from services.settings.pem_text import MAX_PEM
from services.settings.section import addresses
from support.check import raises
from support.der import certificate, pem

LINE = {"aor": "sip:201@example.com", "password": "s3cret-pass"}

# One mistake each: (document as a value, the one line it must give).
MISTAKES = (
    ([], "phone.json: must be an object"),
    ("x", "phone.json: must be an object"),
    (
        {"line": []},
        "line: is not a setting; valid names: lines, contacts, network, tls, audio, calls, ui, dialplan, "
        "log, web, provisioning, update",
    ),
    ({"lines": {}}, "lines: must be a list of at most 8 objects"),
    ({"lines": [LINE] * 9}, "lines: must be a list of at most 8 objects"),
    ({"lines": [3]}, "lines[0]: must be an object", "lines[0].aor: is missing"),
    ({"lines": [{}]}, "lines[0].aor: is missing"),
    ({"lines": [{"aor": None}]}, "lines[0].aor: must be a string"),
    (
        {"lines": [LINE, {"aor": "mailto:x@y"}]},
        "lines[1].aor: must be a SIP URI, such as sip:201@example.com",
    ),
    ({"lines": [{"aor": "sip:example.com"}]}, "lines[0].aor: must name a user, such as sip:201@example.com"),
    ({"lines": [{"aor": "sip:201@"}]}, "lines[0].aor: must name a host, such as sip:201@example.com"),
    ({"lines": [{"aor": "sip:201@-x"}]}, "lines[0].aor: must name a host, such as sip:201@example.com"),
    ({"lines": [{"aor": "sip:201@h:0"}]}, "lines[0].aor: must name a host, such as sip:201@example.com"),
    ({"lines": [{"aor": "sip:201@h:99999"}]}, "lines[0].aor: must name a host, such as sip:201@example.com"),
    ({"lines": [{"aor": "sip:201@h:²"}]}, "lines[0].aor: must name a host, such as sip:201@example.com"),
    ({"lines": [{"aor": "sip:201@[::x]"}]}, "lines[0].aor: must name a host, such as sip:201@example.com"),
    ({"lines": [{"aor": "sip:2 01@h"}]}, "lines[0].aor: must be a SIP URI, such as sip:201@example.com"),
    (
        {"lines": [{"aor": "sip:201:s3cret@h"}]},
        "lines[0].aor: must not contain a password: the password is a setting of its own",
    ),
    ({"lines": [{"aor": "sip:201@h\r\nX: y"}]}, "lines[0].aor: must not contain control characters"),
    ({"lines": [{"aor": "sip:" + "1" * 300 + "@h"}]}, "lines[0].aor: must have 1 to 256 characters"),
    ({"lines": [LINE, LINE]}, "lines[1].aor: is used by an earlier line"),
    ({"lines": [LINE, {"aor": "SIP:201@EXAMPLE.COM"}]}, "lines[1].aor: is used by an earlier line"),
    ({"lines": [LINE, {"aor": "201@example.com"}]}, "lines[1].aor: is used by an earlier line"),
    ({"lines": [{"aor": "201"}]}, "lines[0].aor: must name a user, such as sip:201@example.com"),
    (
        {"lines": [{"aor": "tel:201@example.com"}]},
        "lines[0].aor: must be a SIP URI, such as sip:201@example.com",
    ),
    (
        {"network": {"address": "192.0.2.7", "netmask": "255.0.255.0"}},
        "network.netmask: must be a netmask, such as 255.255.255.0",
    ),
    (
        {"network": {"address": "192.0.2.7", "netmask": "0.0.0.0"}},
        "network.netmask: must be a netmask, such as 255.255.255.0",
    ),
    (
        {"network": {"address": "192.0.2.7", "netmask": "255.255.255.0", "gateway": "192.0.3.1"}},
        "network.gateway: is outside of the network of network.address",
    ),
    (
        {"lines": [{"aor": "sip:Bob@h"}, {"aor": "sip:bob@h"}, {"aor": "SIP:Bob@H"}]},
        "lines[2].aor: is used by an earlier line",
    ),
    ({"lines": [{"aor": "sip:1@h", "password": 1234}]}, "lines[0].password: must be a string"),
    (
        {"lines": [{"aor": "sip:1@h", "display_name": "a\nb"}]},
        "lines[0].display_name: must not contain control characters",
    ),
    (
        {"lines": [{"aor": "sip:1@h", "display_name": "\ud800"}]},
        "lines[0].display_name: must not contain control characters",
    ),
    (
        {"lines": [{"aor": "sip:1@h", "registrar": "mailto:h"}]},
        "lines[0].registrar: must name a host, such as sip:example.com",
    ),
    (
        {"lines": [{"aor": "sip:1@h", "transport": "sctp"}]},
        "lines[0].transport: must be one of: udp, tcp, tls, auto",
    ),
    ({"lines": [{"aor": "sip:1@h", "expires": "60"}]}, "lines[0].expires: must be a whole number"),
    ({"lines": [{"aor": "sip:1@h", "expires": True}]}, "lines[0].expires: must be a whole number"),
    ({"lines": [{"aor": "sip:1@h", "expires": 60.5}]}, "lines[0].expires: must be a whole number"),
    ({"lines": [{"aor": "sip:1@h", "expires": 59}]}, "lines[0].expires: must be 60 to 86400"),
    ({"lines": [{"aor": "sip:1@h", "register": 1}]}, "lines[0].register: must be true or false"),
    ({"network": {"sip_port": 80}}, "network.sip_port: must be 0 or 1024 to 65535"),
    ({"network": {"sip_port": 10**30}}, "network.sip_port: must be 0 to 65535"),
    ({"network": {"address": "1.2.3"}}, "network.address: must be an IPv4 address, such as 192.168.1.20"),
    ({"network": {"address": "1.2.3.²"}}, "network.address: must be an IPv4 address, such as 192.168.1.20"),
    (
        {"network": {"dns": "1.2.3.4:²"}},
        "network.dns: must be an IPv4 address, such as 192.168.1.1, or a list of up to 3",
    ),
    ({"network": {"gateway": "10.0.0.1"}}, "network.address: is missing"),
    (
        {"network": {"rtp_port_min": 5000, "rtp_port_max": 5000}},
        "network.rtp_port_max: must be at least rtp_port_min + 7",
    ),
    (
        {"network": {"rtp_port_min": 0}},
        "network.rtp_port_min: must be 1024 or more, or 0 with rtp_port_max 0",
    ),
    ({"network": {"wifi": 1}}, "network.wifi: must be an object"),
    ({"network": {"wifi": {"password": "12345678"}}}, "network.wifi.ssid: is missing"),
    (
        {"network": {"wifi": {"ssid": "x", "password": "short"}}},
        "network.wifi.password: must have 8 to 63 characters",
    ),
    ({"audio": {"codecs": []}}, "audio.codecs: must be a list of: G722, PCMU, PCMA, each at most once"),
    (
        {"audio": {"codecs": ["PCMU", "PCMU"]}},
        "audio.codecs: must be a list of: G722, PCMU, PCMA, each at most once",
    ),
    ({"audio": {"encryption": "yes"}}, "audio.encryption: must be one of: off, offer, require"),
    ({"audio": {"encryption": None}}, "audio.encryption: must be one of: off, offer, require"),
    ({"audio": {"keys_without_tls": 1}}, "audio.keys_without_tls: must be true or false"),
    (
        {"audio": {"encryption": "require"}, "lines": [{"aor": "sip:1@h"}]},
        "lines[0].encryption: needs transport tls, for its keys",
    ),
    (
        {"lines": [{"aor": "sip:1@h", "transport": "auto", "encryption": "offer"}]},
        "lines[0].encryption: needs transport tls, for its keys",
    ),
    ({"audio": {"wire_rate": 44100}}, "audio.wire_rate: must be one of: 48000, 16000, 8000"),
    ({"audio": {"wire_rate": "8000"}}, "audio.wire_rate: must be one of: 48000, 16000, 8000"),
    ({"audio": {"volume": 101}}, "audio.volume: must be 0 to 100"),
    ({"audio": {"volume": None}}, "audio.volume: must be a whole number"),
    (
        {"ui": {"\x1b[2J": 1}},
        "ui.?[2J: is not a setting; valid names: contrast, utc_offset_min, time_zone, clock_24h",
    ),
)


def test_nothing_written_gives_every_default():
    loaded = settings.load("{}")
    assert loaded.lines == []
    assert loaded.network.sip_port == 5060 and loaded.network.wifi.ssid is None
    assert loaded.audio.codecs == ("G722", "PCMA", "PCMU")
    assert loaded.log.level == "info"


def test_a_line_keeps_what_is_written_and_fills_in_the_rest():
    loaded = settings.load(json.dumps({"lines": [dict(LINE, expires=120, proxy=None)]}))
    line = loaded.lines[0]
    assert (line.aor, line.password, line.expires) == ("sip:201@example.com", "s3cret-pass", 120)
    assert (line.transport, line.register, line.proxy, line.user) == ("udp", True, None, None)


def test_encryption_needs_a_way_for_its_keys():
    tls = {"ca": "ca.pem"}
    for document in (
        {"audio": {"encryption": "offer"}, "lines": [{"aor": "sip:1@h"}]},  # where it can be
        {"audio": {"encryption": "require", "keys_without_tls": True}, "lines": [{"aor": "sip:1@h"}]},
        {"audio": {"encryption": "require"}, "lines": [{"aor": "sip:1@h", "encryption": "off"}]},
        {"audio": {"encryption": "require"}, "lines": [{"aor": "sip:1@h", "transport": "tls"}], "tls": tls},
        {"lines": [{"aor": "sips:1@h", "encryption": "require"}]},
    ):
        settings.load(json.dumps(document))
    assert settings.load("{}").audio.encryption == "off"
    assert settings.load('{"lines": [{"aor": "sip:1@h"}]}').lines[0].encryption is None


def test_uris_that_people_write_are_taken():
    for aor in (
        "sip:201@127.0.0.1:5060",
        "sips:a.b@example.com",
        "sip:%2B49@h;transport=tcp",
        "SIP:x@[::1]:5060",
        "sip:x@[2001:db8::1]",
        "sip:x@pbx.example.com.",
    ):
        settings.load(json.dumps({"lines": [{"aor": aor}]}))


def test_each_mistake_is_one_line_with_its_path():
    for case in MISTAKES:
        error = raises(settings.SettingsError, settings.load, json.dumps(case[0]))
        assert error.mistakes == list(case[1:]), (case, error.mistakes)


def test_all_mistakes_are_told_at_once():
    document = {"lines": [dict(LINE, expires=1, transport="x")], "audio": {"volume": -1}, "nonsense": 0}
    error = raises(settings.SettingsError, settings.load, json.dumps(document))
    paths = [mistake.split(":")[0] for mistake in error.mistakes]
    assert paths == ["nonsense", "lines[0].transport", "lines[0].expires", "audio.volume"]


def test_a_secret_is_never_repeated():
    for password in ("s3cret\n", "s3cret" * 100):
        wifi = {"ssid": "x", "password": "s3c"}
        document = {"lines": [dict(LINE, password=password)], "network": {"wifi": wifi}}
        error = raises(settings.SettingsError, settings.load, json.dumps(document))
        assert "s3c" not in str(error) and "s3c" not in repr(error)
    loaded = settings.load(json.dumps({"lines": [LINE]}))
    assert "s3cret" not in repr(loaded) + repr(loaded.lines) + str(loaded.lines[0])


def test_what_is_not_json_says_so():
    for document in ("", "{", "{'a': 1}", "{} {}x", '{"a": "\n"}x', b"\xff\xfe{}"):
        error = raises(settings.SettingsError, settings.load, document)
        assert len(error.mistakes) == 1, error.mistakes
        assert error.mistakes[0].startswith("phone.json: is not "), error.mistakes


def test_hostile_sizes_are_bounded():
    for document in ("[" * 32000, '{"a":' * 6000, "[" * 10**5, '{"a": "%s"}' % ("x" * 10**5), "1" * 30000):
        error = raises(settings.SettingsError, settings.load, document)
        assert len(error.mistakes) == 1 and len(str(error)) < 300
    many = json.dumps({"key%d" % n: n for n in range(1500)})
    error = raises(settings.SettingsError, settings.load, many)
    assert len(error.mistakes) == settings.MAX_MISTAKES + 1
    assert error.mistakes[-1] == "phone.json: and 1480 more errors"


def test_a_byte_order_mark_is_forgiven():
    assert settings.load(b"\xef\xbb\xbf{}").lines == []


def test_dns_servers_and_tls():
    good = (
        ({"network": {"dns": "192.0.2.1"}}, [("192.0.2.1", 0)]),
        ({"network": {"dns": ["192.0.2.1", "192.0.2.2:5353"]}}, [("192.0.2.1", 0), ("192.0.2.2", 5353)]),
        ({}, []),
    )
    for document, wanted in good:
        assert addresses(settings.load(json.dumps(document)).network.dns) == wanted
    tls = {"ca": "ca.pem", "certificate": "a.pem", "key": "a.key", "fingerprints": ["AB:" * 31 + "ab"]}
    settings.load(json.dumps({"tls": tls, "lines": [{"aor": "sip:a@b", "transport": "tls"}]}))
    bad = (
        ({"network": {"dns": "ns.example"}}, "network.dns"),
        ({"network": {"dns": []}}, "network.dns"),
        ({"network": {"dns": ["192.0.2.1"] * 4}}, "network.dns"),
        ({"network": {"dns": "192.0.2.1:0"}}, "network.dns"),
        ({"tls": {"ca": "../ca.pem"}}, "tls.ca"),
        ({"tls": {"fingerprints": "ab"}}, "tls.fingerprints"),
        ({"tls": {"fingerprints": ["x" * 64]}}, "tls.fingerprints"),
        ({"tls": {"ca": "ca.pem", "key": "k.pem"}}, "tls.certificate"),
        ({"lines": [{"aor": "sip:a@b", "transport": "tls"}]}, "lines[0].transport"),
    )
    for document, where in bad:
        mistakes = raises(settings.SettingsError, settings.load, json.dumps(document)).mistakes
        assert len(mistakes) == 1 and mistakes[0].startswith(where + ": "), mistakes


def test_servers_urls_and_the_password_hash():
    kept = "pbkdf2-sha256$1000$" + "0a" * 16 + "$" + "b1" * 32
    for section, name, good, bad in (
        (
            "provisioning",
            "url",
            (
                "http://h",
                "https://example.com/phones",
                "HTTP://192.0.2.1:8080/a/b",
                "http://[2001:db8::1]:80/x",
            ),
            (
                "",
                "h",
                "ftp://h/",
                "http://",
                "http:///x",
                "http://h:0/",
                "http://h:x/",
                "http://a b/",
                "http://u:p@h/",
                "http://h/#x",
                "http://h/\r\nX: y",
                "http://h/" + "x" * 300,
                7,
            ),
        ),
        (
            "log",
            "syslog",
            ("192.0.2.1", "logs.example.com:1514"),
            ("", "h:", "h:0", "h:99999", "a b", "h\n", 1),
        ),
        ("web", "password", (kept, None), ("secret", kept[:-1], kept.replace("1000", "90000"), 1)),
        ("provisioning", "interval_min", (5, 43200), (4, 43201, "60")),
    ):
        for value in good:
            settings.load(json.dumps({section: {name: value}}))
        for value in bad:
            mistakes = raises(
                settings.SettingsError, settings.load, json.dumps({section: {name: value}})
            ).mistakes
            assert len(mistakes) == 1 and mistakes[0].startswith("%s.%s: must" % (section, name)), (
                value,
                mistakes,
            )
            assert "secret" not in mistakes[0]


def test_every_secret_is_named():
    secret = [path for path, _, _ in settings.SCHEMA if path.endswith("password")]
    secret.append("tls.key")
    assert sorted(secret) == sorted(settings.SECRETS)


KEY = pem(b"\x30\x03\x02\x01\x07", "EC PRIVATE KEY")
PARAMETERS = pem(b"\x06\x01\x07", "EC PARAMETERS")  # openssl writes them before such a key


def test_certificates_are_pem_text_or_files():
    """PEM text in phone.json reaches a phone by every way that settings do."""
    for name, whole, two in (
        ("ca", pem(certificate()), pem(certificate()) + pem(certificate(b"b"))),
        ("certificate", pem(certificate()), pem(certificate()) + pem(certificate(b"b"))),
        ("key", KEY, PARAMETERS + KEY),
    ):
        document = {"ca": "ca.pem", "certificate": "c.pem", "key": "k.pem"}
        long = whole + " " * (MAX_PEM - len(whole))
        for value in (whole, two, whole.replace("\n", "\r\n"), long, "%s.pem" % name):
            loaded = settings.load(json.dumps({"tls": dict(document, **{name: value})}))
            assert getattr(loaded.tls, name) == value
        noun = "key" if name == "key" else "certificate"
        label = "PRIVATE KEY" if name == "key" else "CERTIFICATE"
        no_pem = "must be PEM text (-----BEGIN …) or a file name, such as ca.pem"
        for value, words in (
            (long + " ", "must have at most %d characters, but has %d" % (MAX_PEM, MAX_PEM + 1)),
            (whole + "\0", "must be PEM text with a " + label),
            (PARAMETERS, "must be PEM text with a " + label),
            (pem(b"no DER", label), "must be PEM text: %s 1 is damaged or truncated" % noun),
            (pem(b"\x02\x01\x07", label), None),
            (two + whole[:60], "must be PEM text: %s %d has no END line" % (noun, two.count(label) // 2 + 1)),
            (whole.replace("M", "!", 1), None),
            ("-----BEGIN %s-----" % label, "must be PEM text: %s 1 has no END line: it is truncated" % noun),
            ("x" + whole, no_pem),
            ("hello, world", no_pem),
            ("", no_pem),
            (7, no_pem),
        ):
            error = raises(
                settings.SettingsError, settings.load, json.dumps({"tls": dict(document, **{name: value})})
            )
            assert ("tls.%s: %s" % (name, words or "must be PEM text")) in str(error), (value, str(error))


def test_what_certificates_must_not_be():
    cut = certificate()[:-30]
    for name, value, words in (
        ("ca", pem(certificate()) + pem(cut), "must be PEM text: certificate 2 is damaged or truncated"),
        ("ca", pem(b"\x30\x03\x02\x01\x07"), "must be PEM text: certificate 1 is no certificate"),
        # It would be shown.
        ("ca", pem(certificate()) + KEY, "must not hold a private key: that belongs into tls.key"),
        ("key", KEY.replace("EC PRIVATE", "ENCRYPTED PRIVATE"), "must be a key without a passphrase"),
        ("key", pem(certificate()), "must be PEM text with a PRIVATE KEY"),
    ):
        document = dict({"certificate": "c.pem", "key": "k.pem"}, **{name: value})
        error = raises(settings.SettingsError, settings.load, json.dumps({"tls": document}))
        assert error.mistakes == ["tls.%s: %s" % (name, words)], value
        assert "MAMCAQc" not in str(error), "a key is repeated nowhere"
