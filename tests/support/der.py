"""DER put together byte by byte, certificates among it."""

import binascii

THEN, LATER = b"200101000000Z", b"20600102030405Z"


def der(tag, *parts):
    """The element `tag` with these parts as its value."""
    value = b"".join(parts)
    length = bytes([len(value)]) if len(value) < 128 else b"\x82" + len(value).to_bytes(2, "big")
    return bytes([tag]) + length + value


def _name(common):
    return der(0x30, der(0x31, der(0x30, der(6, b"\x55\x04\x03"), der(12, common))))


def certificate(subject=b"pbx.test", issuer=b"Authority", begin=THEN, end=LATER, names=()):
    """A certificate, unsigned; `begin` and `end` as UTCTime or, if that is longer, GeneralizedTime."""
    times = [der(0x17 if len(text) == 13 else 0x18, text) for text in (begin, end)]
    fields = [der(0xA0, der(2, b"\2")), der(2, b"\1"), der(0x30), _name(issuer), der(0x30, *times)]
    fields += [_name(subject), der(0x30)]
    if names:
        alternatives = der(0x30, *[der(tag, octets) for tag, octets in names])
        fields.append(der(0xA3, der(0x30, der(0x30, der(6, b"\x55\x1d\x11"), der(4, alternatives)))))
    return der(0x30, der(0x30, *fields), der(0x30), der(3, b"\0"))


def pem(octets, label="CERTIFICATE"):
    """One block of PEM text."""
    text = str(binascii.b2a_base64(octets), "ascii").strip()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n" % (label, "\n".join(lines), label)
