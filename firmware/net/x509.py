"""The names that a certificate (DER) is for, and the rules of RFC 5922 §7 for comparing them."""

import binascii

_SUBJECT_ALTERNATIVE_NAMES = b"\x55\x1d\x11"
_COMMON_NAME = b"\x55\x04\x03"
_DNS, _URI, _IP = 0x82, 0x86, 0x87


def is_for(certificate: bytes, name: str) -> bool:
    """Whether `certificate` (DER) is that of `name`, a domain or an address. Wildcards never match (§7.2)."""
    try:
        return _is_for(names(bytes(certificate)), name.lower())
    except (IndexError, ValueError):
        return False


def ders(octets: bytes, label: bytes = b"CERTIFICATE") -> list:
    """The DER bytes of each PEM block `label` in a file, or of a whole DER file; [] for neither."""
    if octets[:1] == b"\x30":
        return [octets]
    found = []
    for part in octets.split(b"-----BEGIN ")[1:]:
        head, _, rest = part.partition(b"-----")
        if not head.endswith(label):
            continue
        body = rest.partition(b"-----END")[0]
        try:
            found.append(binascii.a2b_base64(b"".join(body.split())))
        except ValueError:
            return []
    return found


def _is_for(found, name):
    dns, uris, addresses, common = found
    if ":" in name or not name.strip("0123456789."):
        return any(_same_address(octets, name) for octets in addresses)
    domains = [text.lower() for text in dns]
    for text in uris:
        scheme, _, rest = text.lower().partition(":")
        # A URI with a user identifies a person, not the domain (§7.1).
        if scheme in ("sip", "sips") and "@" not in rest:
            domains.append(rest.partition(";")[0].partition(":")[0])
    if not domains and not addresses:
        domains = [text.lower() for text in common]
    return name in domains


def names(der: bytes) -> tuple:
    """([dNSName], [URI], [address bytes], [common name]). Raises IndexError or ValueError."""
    tbs = members(members(contents(der, 0))[0][1])
    if tbs[0][0] == 0xA0:
        tbs.pop(0)
    dns, uris, addresses = [], [], []
    for tag, value in tbs[6:]:
        if tag == 0xA3:
            for _, extension in members(contents(value, 0)):
                parts = members(extension)
                if parts[0][1] == _SUBJECT_ALTERNATIVE_NAMES:
                    for kind, octets in members(contents(parts[-1][1], 0)):
                        if kind == _IP:
                            addresses.append(octets)
                        elif kind in (_DNS, _URI):
                            (dns if kind == _DNS else uris).append(_text(octets))
    return dns, uris, addresses, common_names(tbs[4][1])


def common_names(name: bytes) -> list:
    """The common names in a Name's value (RFC 5280 §4.1.2.4). Raises IndexError or ValueError."""
    found = []
    for _, group in members(name):
        for _, attribute in members(group):
            parts = members(attribute)
            if parts[0][1] == _COMMON_NAME:
                found.append(_text(parts[1][1]))
    return found


def _text(octets):
    if 0 in octets:
        raise ValueError("a name with a NUL")
    return "".join([chr(octet) for octet in octets])


def _same_address(octets, name):
    if len(octets) == 4:
        return ".".join([str(octet) for octet in octets]) == name
    if len(octets) != 16 or ":" not in name:
        return False
    head, gap, tail = name.partition("::")
    before = [part for part in head.split(":") if part]
    after = [part for part in tail.split(":") if part]
    missing = 8 - len(before) - len(after)
    if missing < 0 or (missing and not gap):
        return False
    groups = before + ["0"] * missing + after
    return [int(group, 16) for group in groups] == [octets[n] << 8 | octets[n + 1] for n in range(0, 16, 2)]


def contents(data: bytes, at: int) -> bytes:
    """The value of the DER element at `at`. Raises IndexError or ValueError."""
    return _element(data, at)[1]


def _element(data, at):
    """(tag, value, where the next one begins) of the DER element at `at`."""
    tag = data[at]
    length = data[at + 1]
    at += 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 3:
            raise ValueError("not DER")
        length = int.from_bytes(data[at : at + count], "big")
        at += count
    end = at + length
    if end > len(data):
        raise ValueError("ends too soon")
    return tag, data[at:end], end


def members(data: bytes) -> list:
    """[(tag, value)] of the DER elements that `data` is made of. Raises IndexError or ValueError."""
    found = []
    at = 0
    while at < len(data):
        tag, value, at = _element(data, at)
        found.append((tag, value))
    return found
