"""Makes the objects that the phone's parts take from the settings in phone.json. Loaded at the start only.

No module imports this one at module level: `app.phone` imports it in functions, and then calls
`compat.forget`.
"""

import os
import sys

from compat import damage_of, forget, native_damage
from phone.line import Line
from services.clock import Clock, days_since_1970
from services.settings.section import SettingsError, addresses, forget_reader
from sip.agent.account import Account
from sip.digest import Credentials
from sip.syntax import uri
from sip.syntax.grammar import ParseError


def load(document: "str | bytes"):
    """The settings in phone.json (services.settings.settings.load); raises SettingsError.

    The modules that read settings are let go of afterwards: they are needed at the start only.
    """
    from services.settings import settings

    try:
        return settings.load(document)
    finally:
        forget_reader()


def lines(settings, name_of=None) -> list:
    """The phone.line.Line of each line in the settings; `name_of` is the phone book's.

    Raises SettingsError for an address that is not a SIP URI.
    """
    made, mistakes = [], []
    for index, line in enumerate(settings.lines):
        parsed = {}
        for name in ("aor", "registrar", "backup_registrar", "proxy"):
            text = getattr(line, name)
            try:
                parsed[name] = uri.parse(_with_scheme(text)) if text else None
            except ParseError:
                mistakes.append("lines[%d].%s: is not a SIP URI" % (index, name))
        if len(parsed) == 4 and not mistakes:
            account = _account(line, parsed, settings.audio)
            made.append(Line(index + 1, account, account.aor.name, line.register, name_of))
    if mistakes:
        raise SettingsError(mistakes)
    return made


def _with_scheme(text):
    """A SIP URI from `text`, which may lack the scheme: user@server."""
    return text if text.partition(":")[0].lower() in ("sip", "sips") else "sip:" + text


def _account(line, parsed, audio):
    aor = parsed["aor"]
    credentials = None
    if line.password is not None:
        credentials = Credentials(
            line.user or aor.user, line.password, line.realm, line.minimum_digest.upper()
        )
    # None: RFC 3263 §4.1 chooses the transport.
    transport = "tls" if aor.scheme == "sips" else None if line.transport == "auto" else line.transport
    account = Account(
        aor,
        credentials,
        registrar=parsed["registrar"],
        proxy=parsed["proxy"],
        transport=transport,
        expires=line.expires,
        display_name=line.display_name,
    )
    account.gruu = line.gruu
    if parsed["backup_registrar"] is not None:
        account.backups = (parsed["backup_registrar"],)
    account.encryption = line.encryption or audio.encryption
    account.keys_in_clear = audio.keys_without_tls
    return account


def clock(section, board, released) -> Clock:
    """The Clock of phone.json's `ui` on a board; never earlier than `released`, (year, month, day)."""
    zone, offset = None, section.utc_offset_min
    if section.time_zone is not None:
        from services.time_zone import TimeZone

        zone, offset = TimeZone(section.time_zone), None
    if not board.clock.needs_setting:
        return Clock(offset, zone)
    from services import time_sync

    made = Clock(offset, zone, board.clock, days_since_1970(*released) * 86400)
    made.start_at(time_sync.kept(board.storage))
    return made


def device(product: str, board, user_agent: str) -> str:
    """The User-Agent of REGISTER and HTTP requests: with board and MAC, as desk phones do; or short."""
    if user_agent == "short":
        return product
    return "%s (%s; %s)" % (product, board.name, board.network.mac)


def hostname(mac: str) -> str:
    """The host name of a phone that was given none; the MAC makes it differ within a network."""
    return "bakelite-" + mac.replace(":", "")[-4:].lower()


def network(section, mac: str) -> dict:
    """phone.json's `network` as hal.contract.network takes it; sets `section.hostname` where it is empty."""
    section.hostname = section.hostname or hostname(mac)
    wanted = {"hostname": section.hostname, "address": None}
    if section.wifi.ssid is not None:
        wanted["ssid"] = section.wifi.ssid
        wanted["password"] = section.wifi.password
        wanted["more"] = [(each.ssid, each.password) for each in section.wifi_more]
    if section.address is not None:
        wanted["address"] = section.address
        wanted["netmask"] = section.netmask
        wanted["gateway"] = section.gateway or "0.0.0.0"
        wanted["dns"] = (addresses(section.dns) or [[wanted["gateway"]]])[0][0]
    return wanted


def has_features(settings, storage) -> bool:
    """Whether a feature other than calls has work to do from the start."""
    if settings.contacts or storage.read("texts.json") is not None:
        return True
    for line in settings.lines:
        if line.voice_mail or line.mwi or line.presence or line.share_calls or line.watch_registration:
            return True
    return False


def jitter_depths(audio):
    """(least, greatest) depth of the jitter buffer in ms."""
    if audio.jitter_ms == "auto":
        return audio.jitter_min_ms, max(audio.jitter_min_ms, audio.jitter_max_ms)
    return audio.jitter_ms, audio.jitter_ms


def codecs(audio, rates) -> tuple:
    """The codecs to offer, best first. G.722 is offered only if its native module is there, and if the sound
    chip has a sample rate above 8 kHz that the settings allow."""
    fast = [rate for rate in rates if rate > 8000 and (audio.wire_rate is None or rate <= audio.wire_rate)]
    if "G722" not in audio.codecs or fast and not native_damage and _has_wide_core():
        return audio.codecs
    return tuple([name for name in audio.codecs if name != "G722"]) or ("PCMA", "PCMU")


def _has_wide_core():
    """Whether wide_core is there. A file is not loaded for that, as it takes some 20 KB of heap."""
    for folder in sys.path:
        try:
            os.stat(folder + "/wide_core.mpy")
        except OSError:
            continue
        return not damage_of("wide_core")
    from media.core import find_native

    found = find_native("wide_core")[0] is not None
    forget("media.core")
    return found


def instance(unique_id) -> "str | None":
    """The instance-id of this phone, a URN that never changes (RFC 5626 §4.1); None without a unique id."""
    if not unique_id:
        return None
    digits = "".join(["%02x" % octet for octet in unique_id[-6:]])
    return "urn:uuid:00000000-0000-1000-8000-" + "0" * (12 - len(digits)) + digits


def tls(section, storage):
    """The net.tls.Tls of phone.json's `tls`, None where it is empty.

    Raises OSError, with words for people, for a missing or invalid file.
    """
    if not (section.ca or section.certificate or section.fingerprints):
        return None
    from net.tls import Tls

    files = []
    for name in (section.ca, section.certificate, section.key):
        if name and name[:1] == "-":  # PEM text: no file has such a name
            octets = name.encode()
        else:
            octets = storage.read(name) if name else b""
        if octets is None:
            raise OSError("TLS: there is no file %s" % name)
        files.append(octets)
    pins = section.fingerprints or []
    try:
        return Tls(files[0], files[1], files[2], [pins] if isinstance(pins, str) else pins)
    except ValueError as error:
        raise OSError("TLS: %s" % error)
