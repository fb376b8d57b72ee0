"""The name and number to show for a SIP address. Loaded with a call or text; let go of after the calls."""

from compat import const
from sip.syntax.uri import Uri

_MAX_NAME = const(64)
_MAX_NUMBER = const(255)
_DIALLED = ("sip", "sips", "tel")
# Characters that are invisible, change the direction of text, or look like our icons: (first, last).
_UNSEEN = (
    ("\0", "\x1f"),
    ("\x7f", "\x9f"),
    ("\u061c", "\u061c"),
    ("\u200b", "\u200f"),
    ("\u2028", "\u202e"),
    ("\u2060", "\u206f"),
    ("\ue000", "\uf8ff"),
    ("\ufeff", "\ufeff"),
)


def name_of(entry, line) -> str:
    """The name to show for a headers.NameAddr; numbers at the server of `line` are shown without a host."""
    return name_and_number(entry, line)[0]


def name_and_number(remote, line):
    """(name to show, number to dial) of a headers.NameAddr.

    A number at the domain of `line`, or at one of its servers by name or address, is returned without a host:
    PBXs write their address into From, and a call back uses the line's domain.
    """
    uri = remote.uri
    if uri.host == "anonymous.invalid" or uri.name.lower() == "anonymous":
        return "Private", ""  # RFC 3323 §4.1.1.3
    ours = uri.scheme in ("sip", "sips") and _stands_alone(uri.name) and _is_ours(uri.host, line)
    if uri.scheme == "tel" or ours:
        number = uri.name
    else:
        number = str(_bare(uri))
        if uri.scheme == "sip":
            number = number[4:]
    shown = _plain(number)
    name = _plain(remote.display_name or "") or shown or "Unknown"
    if shown != number[:_MAX_NAME] or len(number) > _MAX_NUMBER or uri.scheme not in _DIALLED:
        return name, ""
    return name, number


def _is_ours(host, line):
    account = line.account
    if host in [uri.host for uri in (account.aor, account.registrar, account.proxy) if uri is not None]:
        return True
    return line.registration is not None and host in line.registration.servers


def _stands_alone(name):
    return name != "" and "@" not in name and ":" not in name


def _bare(uri):
    """`uri` without password and parameters, but with the transport, which the other side may need."""
    if uri.host is None:
        return uri
    bare = Uri(uri.scheme, uri.host, uri.user, port=uri.port)
    if uri.transport:
        bare.params["transport"] = uri.transport
    return bare


def _plain(text):
    """A string from the network, cut to _MAX_NAME and without invisible characters."""
    kept = ""
    for character in text[:_MAX_NAME]:
        if " " <= character <= "~" or not _is_unseen(character):
            kept += character
    return kept.strip()


def _is_unseen(character):
    for first, last in _UNSEEN:
        if first <= character <= last:
            return True
    return False
