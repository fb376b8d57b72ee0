"""The kinds of values in phone.json: each takes a value and returns the error in words, or None."""

import compat
from compat import is_digits


class ListOf:
    """A list of at most `maximum` objects, whose rows in the table are those under `section`."""

    def __init__(self, section: str, maximum: int):
        self.section = section
        self.maximum = maximum

    def __call__(self, value):
        if isinstance(value, (list, tuple)) and len(value) <= self.maximum:
            return None
        return "must be a list of at most %d objects" % self.maximum


def text(maximum: int = 128, minimum: int = 1):
    def check(value):
        if not isinstance(value, str):
            return "must be a string"
        if not minimum <= len(value) <= maximum:
            return "must have %d to %d characters" % (minimum, maximum)
        for character in value:
            # Control characters could end a header early; a lone surrogate cannot be encoded.
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
    """A SIP URI, with or without the scheme; `sip.syntax.uri` parses it again when the line is made."""
    example = "sip:201@example.com" if needs_user else "sip:example.com"
    length = text(256)

    def check(value):
        wrong = length(value)
        if wrong:
            return wrong
        scheme, _, rest = value.partition(":")
        if scheme.lower() not in ("sip", "sips"):
            user, at, _ = value.partition("@")
            if at and ":" in user:
                return "must be a SIP URI, such as %s" % example
            rest = value  # without a scheme: user@server
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


def netmask(value):
    """A netmask in dots: ones, then zeros."""
    if ip_address(value) is None:
        bits = to_number(value)
        zeros = bits ^ 0xFFFFFFFF
        if bits and zeros & (zeros + 1) == 0:
            return None
    return "must be a netmask, such as 255.255.255.0"


def to_number(address):
    """An IPv4 address in dots as a number."""
    number = 0
    for part in address.split("."):
        number = number << 8 | int(part)
    return number


def dns_servers(value):
    """A list of up to three IPv4 addresses, each with a port if that is not 53; or one such string."""
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, list) and 1 <= len(listed) <= 3:
        parts = [each.partition(":") if isinstance(each, str) else ("", "", "") for each in listed]
        if all(ip_address(host) is None and (not c or _is_port(c + port)) for host, c, port in parts):
            return None
    return "must be an IPv4 address, such as 192.168.1.1, or a list of up to 3"


def file_name(value):
    """The name of a file beside phone.json: see hal.contract.storage."""
    wrong = text(64)(value)
    if wrong:
        return wrong
    if value[0] in "._-" or any(c not in "._-" and not _is_letter_or_digit(c) for c in value):
        return "must be a file name, such as ca.pem"
    return None


def pem(label):
    """PEM text with a `label` ("CERTIFICATE", "PRIVATE KEY"), or the name of a file beside phone.json."""

    def check(value):
        if not isinstance(value, str) or value[:11] != "-----BEGIN ":
            return file_name(value) and "must be PEM text (-----BEGIN …) or a file name, such as ca.pem"
        from services.settings import pem_text

        wrong = pem_text.wrong(value, label)
        compat.forget("services.settings.pem_text")
        compat.forget("net.certificate")
        return wrong

    return check


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
    """The URL of a server's files: http or https, a host, optionally a port and a path."""
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
    """A host, with a port if that is not the default."""
    wrong = text(128)(value)
    if wrong:
        return wrong
    host, colon, port = value.partition(":")
    if _host_is_wrong(host) or (colon and not _is_port(colon + port)):
        return "must be a host, such as logs.example.com or 192.168.1.5:514"
    return None


def password_hash(value):
    """A password hash as services.password makes it."""
    from services import password

    if isinstance(value, str) and len(value) <= 128 and password.parse(value) is not None:
        return None
    return "must be a password hash (made by the web interface or tools/provision.py)"


def time_zone(value):
    """A POSIX time zone: see services.time_zone."""
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
