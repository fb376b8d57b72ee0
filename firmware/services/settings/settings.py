"""phone.json: the table of its settings, and `load`, which reads and checks a document.

The table is the authority: `load` checks a document against it, and docs/configuration.md explains its rows.
The rest of the phone relies on values that have passed, and does not check them again. No message and no
`repr` contains the value of a secret.
"""

import json

from services.settings.section import Section, SettingsError
from services.settings.setting_kinds import (
    ListOf,
    automatic_or,
    dns_servers,
    fingerprints,
    host_and_port,
    host_name,
    http_url,
    ip_address,
    netmask,
    one_of,
    password_hash,
    pem,
    server,
    sip_uri,
    some_of,
    text,
    time_zone,
    to_number,
    whole_number,
    yes_or_no,
)

MAX_LENGTH = 32768  # bytes of a document: a longer one is refused before it is parsed
MAX_MISTAKES = 20

REQUIRED = "required"


# (path, kind of the value, default). "[]" stands for each member of a list; a default of None means "not
# set", and phone.json may have null for it.
SCHEMA = (
    ("lines", ListOf("lines[]", 8), ()),
    ("lines[].aor", sip_uri(True), REQUIRED),
    ("lines[].user", text(), None),
    ("lines[].password", text(256, 0), None),
    ("lines[].display_name", text(64), None),
    ("lines[].registrar", sip_uri(False), None),
    ("lines[].backup_registrar", sip_uri(False), None),
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
    ("lines[].encryption", one_of("off", "offer", "require"), None),
    ("contacts", ListOf("contacts[]", 16), ()),
    ("contacts[].address", text(255), REQUIRED),
    ("contacts[].name", text(32), None),
    ("contacts[].line", whole_number(1, 8), 1),
    ("contacts[].watch", one_of("calls", "presence", "nothing"), "calls"),
    ("network.hostname", host_name, None),
    ("network.user_agent", one_of("full", "short"), "full"),
    ("network.address", ip_address, None),
    ("network.netmask", netmask, "255.255.255.0"),
    ("network.gateway", ip_address, None),
    ("network.dns", dns_servers, None),
    ("network.keep_alive", yes_or_no, True),
    ("network.stun", host_and_port, None),
    ("network.ntp", host_and_port, "pool.ntp.org"),
    ("network.strangers", one_of("answer", "refuse"), None),
    ("network.sip_port", whole_number(0, 65535), 5060),
    ("network.rtp_port_min", whole_number(0, 65535), 16384),
    ("network.rtp_port_max", whole_number(0, 65535), 16482),
    ("network.wifi.ssid", text(32), None),
    ("network.wifi.password", text(63, 8), None),
    ("network.wifi_more", ListOf("network.wifi_more[]", 3), ()),
    ("network.wifi_more[].ssid", text(32), REQUIRED),
    ("network.wifi_more[].password", text(63, 8), None),
    ("tls.ca", pem("CERTIFICATE"), None),
    ("tls.certificate", pem("CERTIFICATE"), None),
    ("tls.key", pem("PRIVATE KEY"), None),
    ("tls.fingerprints", fingerprints, None),
    ("tls.listen", yes_or_no, False),
    ("audio.codecs", some_of("G722", "PCMU", "PCMA"), ("G722", "PCMA", "PCMU")),
    ("audio.tones", one_of("etsi", "us", "uk"), "etsi"),
    ("audio.jitter_ms", automatic_or(whole_number(20, 200)), "auto"),
    ("audio.jitter_min_ms", whole_number(20, 200), 20),
    ("audio.jitter_max_ms", whole_number(20, 200), 200),
    ("audio.encryption", one_of("off", "offer", "require"), "off"),
    ("audio.keys_without_tls", yes_or_no, False),
    ("audio.vad", yes_or_no, False),
    ("audio.echo", one_of("off", "speaker", "all"), "off"),
    ("audio.wire_rate", one_of(48000, 16000, 8000), None),
    ("audio.volume", whole_number(0, 100), 60),
    ("audio.microphone_gain", whole_number(0, 100), 60),
    ("audio.ringer_volume", whole_number(0, 100), 60),
    ("calls.call_waiting", yes_or_no, True),
    ("calls.most_calls", whole_number(1, 6), 4),
    ("calls.hold_reminder_s", whole_number(0, 600), 60),
    ("calls.follow_transfers", yes_or_no, True),
    ("calls.click_to_dial", yes_or_no, False),
    ("calls.dtmf", one_of("auto", "rtp", "info"), "auto"),
    ("calls.media_timeout_s", whole_number(0, 3600), 0),
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


# Never shown in the web interface, a message or the log.
SECRETS = (
    "lines[].password",
    "network.wifi.password",
    "network.wifi_more[].password",
    "web.password",
    "provisioning.password",
    "tls.key",
)


# ---- reading ----


def load(document: "str | bytes") -> Section:
    """The settings in the JSON text `document`, with defaults for missing fields.

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
    if len(document) > MAX_LENGTH:
        mistakes.append("phone.json: is longer than %d bytes" % MAX_LENGTH)
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
    """The rows directly under the object `pattern`: [(name, path, kind, default)]; kind None is an object."""
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
    """A Section for the object `value` at `path`, whose rows in the table are those under `pattern`."""
    section = Section()
    known = rows(pattern)
    if not isinstance(value, dict):
        mistakes.append("%s: must be an object" % (path or "phone.json"))
        value = {}
    _refuse_unknown(value, [row[0] for row in known], path, mistakes)
    for name, row, kind, default in known:
        where = path + "." + name if path else name
        if kind is None:
            member = _section(value.get(name, {}), row, where, mistakes)
        elif isinstance(kind, ListOf):
            member = _list(value.get(name, default), kind, where, mistakes)
        else:
            member = _field(value, name, kind, default, where, mistakes)
        setattr(section, name, member)
    return section


def _list(value, kind, path, mistakes):
    wrong = kind(value)
    if wrong:
        mistakes.append("%s: %s" % (path, wrong))
        return []
    return [_section(member, kind.section, "%s[%d]" % (path, n), mistakes) for n, member in enumerate(value)]


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
    """Check fields that depend on each other."""
    network = settings.network
    if 0 < network.sip_port < 1024:
        mistakes.append("network.sip_port: must be 0 or 1024 to 65535")
    # If both bounds are 0, the system chooses the ports.
    if (network.rtp_port_min, network.rtp_port_max) != (0, 0):
        if network.rtp_port_min < 1024:
            mistakes.append("network.rtp_port_min: must be 1024 or more, or 0 with rtp_port_max 0")
        elif network.rtp_port_max < network.rtp_port_min + 7:
            mistakes.append("network.rtp_port_max: must be at least rtp_port_min + 7")
    if network.address is None and network.gateway:
        mistakes.append("network.address: is missing")
    elif network.gateway:
        mask = to_number(network.netmask)
        if to_number(network.gateway) & mask != to_number(network.address) & mask:
            mistakes.append("network.gateway: is outside of the network of network.address")
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
        wanted = line.encryption or settings.audio.encryption
        if wanted == "require" or line.encryption == "offer":
            secure = line.transport == "tls" or line.aor[:5].lower() == "sips:"
            if not secure and not settings.audio.keys_without_tls:
                mistakes.append("lines[%d].encryption: needs transport tls, for its keys" % index)


def _comparable(aor):
    """`aor` in lower case but for the user part, which is case-sensitive (RFC 3261 §19.1.4)."""
    user, at, rest = aor.partition("@")
    scheme, colon, user = user.partition(":")
    if not colon:
        scheme, user = "sip", scheme
    return scheme.lower() + ":" + user + at + rest.lower()
