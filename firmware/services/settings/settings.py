"""phone.json: what may stand in it, as a table, and the reading of it.

The table is the authority: `load` checks a document against it and nothing else, and docs/configuration.md
explains its rows. Values that pass are what the rest of the phone may rely on, so it checks nothing again.
No value of a secret is ever repeated, in no message and no `repr`.
"""

import json

from compat import is_digits
from services.settings.section import Section, SettingsError

# A document, a list and a text longer than this are refused before anything is made of them.
MAX_OCTETS = 32768
MAX_MISTAKES = 20

REQUIRED = "required"


# ---- kinds of value: each takes a value and returns what is wrong with it, or None ----


def text(maximum: int = 128, minimum: int = 1):
    def check(value):
        if not isinstance(value, str):
            return "must be a string"
        if not minimum <= len(value) <= maximum:
            return "must have %d to %d characters" % (minimum, maximum)
        for character in value:
            # Control characters could end a header early; half a surrogate pair cannot be sent at all.
            if character < " " or character == "\x7f" or 0xD800 <= ord(character) <= 0xDFFF:
                return "must not contain control characters"
        return None

    return check


def whole_number(minimum: int, maximum: int):
    def check(value):
        if isinstance(value, bool) or not isinstance(value, int):
            return "must be a whole number"
        if not minimum <= value <= maximum:
            return "must be %d to %d" % (minimum, maximum)
        return None

    return check


def automatic_or(check):
    def check_other(value):
        if value == "auto":
            return None
        error = check(value)
        return error and error + ', or "auto"'

    return check_other


def yes_or_no(value):
    return None if isinstance(value, bool) else "must be true or false"


def one_of(*choices):
    def check(value):
        if type(value) is type(choices[0]) and value in choices:
            return None
        return "must be one of: %s" % ", ".join([str(choice) for choice in choices])

    return check


def some_of(*choices):
    wrong = "must be a list of: %s, each at most once" % ", ".join(choices)

    def check(value):
        if not isinstance(value, list) or not value or len(value) > len(choices):
            return wrong
        for index, member in enumerate(value):
            if not isinstance(member, str) or member not in choices or member in value[:index]:
                return wrong
        return None

    return check


def _host_is_wrong(host: str) -> bool:
    if host.startswith("["):
        inner = host[1:-1]
        return host[-1] != "]" or ":" not in inner or any(c not in "0123456789abcdefABCDEF:." for c in inner)
    for label in (host[:-1] if host.endswith(".") else host).split("."):
        if not 1 <= len(label) <= 63 or label[0] == "-" or label[-1] == "-":
            return True
        if any(not (_is_letter_or_digit(c) or c in "-_") for c in label):
            return True
    return False


def sip_uri(needs_user: bool):
    """A SIP URI as a person writes it; `sip.syntax.uri` parses it again when the line is made."""
    example = "sip:201@example.com" if needs_user else "sip:example.com"
    length = text(256)

    def check(value):
        wrong = length(value)
        if wrong:
            return wrong
        scheme, _, rest = value.partition(":")
        if scheme.lower() not in ("sip", "sips"):
            return "must be a SIP URI, such as %s" % example
        rest = rest.partition(";")[0]
        user, at, address = rest.rpartition("@")
        if ":" in user:
            return "must not contain a password: the password is a setting of its own"
        if needs_user and not user:
            return "must name a user, such as %s" % example
        if (at and not user) or any(c in ' "<>?' for c in rest):
            return "must be a SIP URI, such as %s" % example
        host, port = address, ""
        if address.startswith("["):
            host, _, port = address.partition("]")
            host += "]"
        elif ":" in address:
            host, _, port = address.partition(":")
            port = ":" + port
        if _host_is_wrong(host) or (port and not _is_port(port)):
            return "must name a host, such as %s" % example
        return None

    return check


def _is_port(colon_and_port: str) -> bool:
    digits = colon_and_port[1:]
    return colon_and_port[0] == ":" and is_digits(digits, 5) and 0 < int(digits) < 65536


def ip_address(value):
    """An IPv4 address in dots."""
    parts = value.split(".") if isinstance(value, str) and len(value) <= 15 else ()
    if len(parts) == 4 and all(is_digits(part, 3) and int(part) < 256 for part in parts):
        return None
    return "must be an IPv4 address, such as 192.168.1.20"


def dns_servers(value):
    """Up to three IPv4 addresses, each with a port if that is not 53; a single one may stand alone."""
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, list) and 1 <= len(listed) <= 3:
        parts = [each.partition(":") if isinstance(each, str) else ("", "", "") for each in listed]
        if all(ip_address(host) is None and (not c or _is_port(c + port)) for host, c, port in parts):
            return None
    return "must be an IPv4 address, such as 192.168.1.1, or a list of up to 3"


def file_name(value):
    """A file beside phone.json: see hal.contract.storage."""
    wrong = text(64)(value)
    if wrong:
        return wrong
    if value[0] in "._-" or any(c not in "._-" and not _is_letter_or_digit(c) for c in value):
        return "must be a file name, such as ca.pem"
    return None


def _is_letter_or_digit(c):
    return "0" <= c <= "9" or "a" <= c.lower() <= "z"


def fingerprints(value):
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, list) and 1 <= len(listed) <= 8:
        digits = [each.replace(":", "").lower() if isinstance(each, str) else "" for each in listed]
        if all(len(each) == 64 and is_digits(each, 64, "0123456789abcdef") for each in digits):
            return None
    return "must be SHA-256 fingerprints: 64 hexadecimal digits each, up to 8"


def http_url(value):
    """Where a server's files are: http or https, a host, a port or none, a path or none."""
    wrong = text(256)(value)
    if wrong:
        return wrong
    scheme, _, rest = value.partition("://")
    host, _, path = rest.partition("/")
    colon = host.rfind(":")
    bare = host if colon <= host.rfind("]") else host[:colon]
    if (
        scheme.lower() not in ("http", "https")
        or not bare
        or _host_is_wrong(bare)
        or (bare != host and not _is_port(host[colon:]))
        or any(c in path for c in ' "<>#\\')
    ):
        return "must be a URL, such as https://example.com/phones"
    return None


def server(value):
    """A host, and a port if that is not the usual one."""
    wrong = text(128)(value)
    if wrong:
        return wrong
    host, colon, port = value.partition(":")
    if _host_is_wrong(host) or (colon and not _is_port(colon + port)):
        return "must be a host, such as logs.example.com or 192.168.1.5:514"
    return None


def password_hash(value):
    """See services.password, which makes it."""
    from services import password

    if isinstance(value, str) and len(value) <= 128 and password.parse(value) is not None:
        return None
    return "must be a password hash (made by the web interface or tools/provision.py)"


def time_zone(value):
    """See services.time_zone."""
    from services.time_zone import TimeZone

    wrong = text(64)(value)
    if wrong:
        return wrong
    try:
        TimeZone(value)
    except ValueError:
        return "must be a POSIX time zone, such as CET-1CEST,M3.5.0,M10.5.0/3"
    return None


def host_name(value):
    wrong = text(63)(value)
    return wrong or ("must be a host name, such as desk-phone" if _host_is_wrong(value) else None)


def host_and_port(value):
    if isinstance(value, str) and len(value) <= 80:
        host, colon, port = value.partition(":")
        if host and not _host_is_wrong(host) and (not colon or _is_port(colon + port)):
            return None
    return "must be a host, such as stun.example.com or 192.0.2.1:3478"


# ---- the table ----

# (path, what its value must be, default). "[]" is each member of a list; a default of None means "not set",
# and null may be written for it. Lists of objects have a row of their own with their greatest length.
SCHEMA = (
    ("lines", 8, ()),
    ("lines[].aor", sip_uri(True), REQUIRED),
    ("lines[].user", text(), None),
    ("lines[].password", text(256, 0), None),
    ("lines[].display_name", text(64), None),
    ("lines[].registrar", sip_uri(False), None),
    ("lines[].proxy", sip_uri(False), None),
    ("lines[].transport", one_of("udp", "tcp", "tls", "auto"), "udp"),
    ("lines[].expires", whole_number(60, 86400), 3600),
    ("lines[].gruu", yes_or_no, False),
    ("lines[].register", yes_or_no, True),
    ("lines[].realm", text(), None),
    ("lines[].minimum_digest", one_of("md5", "sha-256"), "md5"),
    ("lines[].voice_mail", text(255), None),
    ("lines[].mwi", yes_or_no, None),
    ("lines[].presence", yes_or_no, False),
    ("lines[].share_calls", yes_or_no, False),
    ("lines[].watch_registration", yes_or_no, False),
    ("contacts", 16, ()),
    ("contacts[].address", text(255), REQUIRED),
    ("contacts[].name", text(32), None),
    ("contacts[].line", whole_number(1, 8), 1),
    ("contacts[].watch", one_of("calls", "presence", "nothing"), "calls"),
    ("network.hostname", host_name, "bakelite"),
    ("network.address", ip_address, None),
    ("network.netmask", ip_address, "255.255.255.0"),
    ("network.gateway", ip_address, None),
    ("network.dns", dns_servers, None),
    ("network.keep_alive", yes_or_no, True),
    ("network.stun", host_and_port, None),
    ("network.strangers", one_of("answer", "refuse"), None),
    ("network.sip_port", whole_number(0, 65535), 5060),
    ("network.rtp_port_min", whole_number(0, 65535), 16384),
    ("network.rtp_port_max", whole_number(0, 65535), 16482),
    ("network.wifi.ssid", text(32), None),
    ("network.wifi.password", text(63, 8), None),
    ("tls.ca", file_name, None),
    ("tls.certificate", file_name, None),
    ("tls.key", file_name, None),
    ("tls.fingerprints", fingerprints, None),
    ("tls.listen", yes_or_no, False),
    ("audio.codecs", some_of("PCMU", "PCMA"), ("PCMA", "PCMU")),
    ("audio.tones", one_of("etsi", "us", "uk"), "etsi"),
    ("audio.jitter_ms", automatic_or(whole_number(20, 200)), "auto"),
    ("audio.jitter_min_ms", whole_number(20, 200), 20),
    ("audio.jitter_max_ms", whole_number(20, 200), 200),
    ("audio.wire_rate", one_of(48000, 16000, 8000), None),
    ("audio.volume", whole_number(0, 100), 60),
    ("audio.microphone_gain", whole_number(0, 100), 60),
    ("audio.ringer_volume", whole_number(0, 100), 60),
    ("calls.call_waiting", yes_or_no, True),
    ("calls.most_calls", whole_number(1, 6), 4),
    ("calls.hold_reminder_s", whole_number(0, 600), 60),
    ("calls.follow_transfers", yes_or_no, True),
    ("calls.forward_always", text(), None),
    ("calls.forward_busy", text(), None),
    ("calls.forward_no_answer", text(), None),
    ("calls.no_answer_s", whole_number(5, 120), 20),
    ("ui.contrast", whole_number(0, 100), 80),
    ("ui.utc_offset_min", whole_number(-720, 840), None),
    ("ui.time_zone", time_zone, None),
    ("ui.clock_24h", yes_or_no, True),
    ("dialplan.domain", host_name, None),
    ("dialplan.timeout_s", whole_number(0, 30), 0),
    ("dialplan.pickup", text(16), None),
    ("log.level", one_of("error", "warning", "info", "debug"), "info"),
    ("log.syslog", server, None),
    ("web.enabled", yes_or_no, True),
    ("web.port", whole_number(1, 65535), 80),
    ("web.password", password_hash, None),
    ("provisioning.url", http_url, None),
    ("provisioning.user", text(64), None),
    ("provisioning.password", text(128, 0), None),
    ("provisioning.interval_min", whole_number(5, 43200), 1440),
    ("provisioning.discovery", yes_or_no, True),
    ("update.url", http_url, None),
    ("update.interval_h", whole_number(0, 720), 24),
    ("update.automatic", yes_or_no, False),
    ("update.trial_min", whole_number(1, 60), 10),
)


# What no page, message or log shows.
SECRETS = ("lines[].password", "network.wifi.password", "web.password", "provisioning.password")


# ---- reading ----


def load(document: "str | bytes") -> Section:
    """The settings in the JSON text `document`, every field present.

    Raises SettingsError with all mistakes.
    """
    mistakes: list = []
    value = _parse(document, mistakes)
    if not mistakes:
        settings = _section(value, "", "", mistakes)
    if not mistakes:
        _check_together(settings, mistakes)
    if not mistakes:
        return settings
    more = len(mistakes) - MAX_MISTAKES
    if more > 0:
        mistakes[MAX_MISTAKES:] = ["phone.json: and %d more errors" % more]
    raise SettingsError(mistakes)


def _parse(document, mistakes):
    if len(document) > MAX_OCTETS:
        mistakes.append("phone.json: is longer than %d bytes" % MAX_OCTETS)
        return None
    try:
        if not isinstance(document, str):
            document = str(document, "utf-8")
        # Some editors begin a file with a byte order mark.
        return json.loads(document[1:] if document[:1] == "\ufeff" else document)
    except UnicodeError:
        mistakes.append("phone.json: is not UTF-8 text")
    except ValueError as error:
        mistakes.append("phone.json: is not JSON: %s" % error)
    except (RuntimeError, MemoryError):
        mistakes.append("phone.json: is nested too deeply")
    return None


def rows(pattern):
    """The rows directly under the object `pattern`: (name, row's own path, its kind, its default)."""
    prefix = pattern + "." if pattern else ""
    found = []
    for path, kind, default in SCHEMA:
        if not path.startswith(prefix):
            continue
        rest = path[len(prefix) :]
        name = rest.partition(".")[0]
        if name.endswith("[]"):
            continue
        if "." not in rest:
            found.append((name, path, kind, default))
        elif not any(row[0] == name for row in found):
            found.append((name, prefix + name, None, None))
    return found


def _section(value, pattern, path, mistakes):
    """A Section for the object `value` at `path`, whose rows stand in the table under `pattern`."""
    section = Section(path)
    known = rows(pattern)
    if not isinstance(value, dict):
        mistakes.append("%s: must be an object" % (path or "phone.json"))
        value = {}
    _refuse_unknown(value, [row[0] for row in known], path, mistakes)
    for name, row, kind, default in known:
        where = path + "." + name if path else name
        if kind is None:
            member = _section(value.get(name, {}), row, where, mistakes)
        elif isinstance(kind, int):
            member = _list(value.get(name, default), row, kind, where, mistakes)
        else:
            member = _field(value, name, kind, default, where, mistakes)
        setattr(section, name, member)
    return section


def _list(value, row, maximum, path, mistakes):
    if not isinstance(value, (list, tuple)) or len(value) > maximum:
        mistakes.append("%s: must be a list of at most %d objects" % (path, maximum))
        return []
    return [_section(member, row + "[]", "%s[%d]" % (path, n), mistakes) for n, member in enumerate(value)]


def _field(value, name, kind, default, path, mistakes):
    if name not in value or (value[name] is None and default is None):
        if default is REQUIRED:
            mistakes.append("%s: is missing" % path)
        return default
    wrong = kind(value[name])
    if wrong:
        mistakes.append("%s: %s" % (path, wrong))
    return value[name]


def _refuse_unknown(value, names, path, mistakes):
    for name in sorted(value):
        if name not in names:
            where = path + "." + _printable(name) if path else _printable(name)
            mistakes.append("%s: is not a setting; valid names: %s" % (where, ", ".join(names)))


def _printable(name: str) -> str:
    return "".join(c if " " < c < "\x7f" else "?" for c in name[:40]) or "(empty)"


def _check_together(settings, mistakes):
    """What no field shows by itself."""
    network = settings.network
    if 0 < network.sip_port < 1024:
        mistakes.append("network.sip_port: must be 0 or 1024 to 65535")
    # A pair is two ports; both bounds 0 lets the system choose.
    if (network.rtp_port_min, network.rtp_port_max) != (0, 0):
        if network.rtp_port_min < 1024:
            mistakes.append("network.rtp_port_min: must be 1024 or more, or 0 with rtp_port_max 0")
        elif network.rtp_port_max < network.rtp_port_min + 7:
            mistakes.append("network.rtp_port_max: must be at least rtp_port_min + 7")
    if network.address is None and network.gateway:
        mistakes.append("network.address: is missing")
    if network.wifi.password is not None and network.wifi.ssid is None:
        mistakes.append("network.wifi.ssid: is missing")
    tls = settings.tls
    if (tls.certificate is None) != (tls.key is None):
        mistakes.append("tls.%s: is missing" % ("certificate" if tls.certificate is None else "key"))
    elif tls.listen and tls.certificate is None:
        mistakes.append("tls.listen: needs tls.certificate and tls.key")
    for index, contact in enumerate(settings.contacts):
        if contact.line > len(settings.lines):
            mistakes.append("contacts[%d].line: there is no such line" % index)
    aors = []
    for index, line in enumerate(settings.lines):
        aor = _comparable(line.aor)
        if aor in aors:
            mistakes.append("lines[%d].aor: is used by an earlier line" % index)
        aors.append(aor)
        if line.transport == "tls" and tls.ca is None and tls.fingerprints is None:
            mistakes.append("lines[%d].transport: TLS needs tls.ca or tls.fingerprints" % index)


def _comparable(aor):
    """All of it in lower case but the user part, of which case matters (RFC 3261 §19.1.4)."""
    user, at, rest = aor.partition("@")
    scheme, colon, user = user.partition(":")
    return scheme.lower() + colon + user + at + rest.lower()
