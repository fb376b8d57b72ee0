"""Whom a certificate is for (RFC 5922 §7), with certificates put together octet by octet."""

from net import x509
from support.der import der

DNS, URI, IP = 0x82, 0x86, 0x87


def certificate(*names, common="pbx.test", version=True):
    """A certificate, unsigned, for the subject `common` and alternative `names` (tag, octets)."""
    attribute = der(0x30, der(6, b"\x55\x04\x03"), der(12, common.encode()))
    subject = der(0x30, der(0x31, attribute))
    fields = [der(2, b"\1"), der(0x30), der(0x30), der(0x30), subject, der(0x30)]
    if version:
        fields.insert(0, der(0xA0, der(2, b"\2")))
    if names:
        alternatives = der(0x30, *[der(tag, octets) for tag, octets in names])
        extension = der(0x30, der(6, b"\x55\x1d\x11"), der(1, b"\xff"), der(4, alternatives))
        other = der(0x30, der(6, b"\x55\x1d\x13"), der(4, der(0x30)))
        fields.append(der(0xA3, der(0x30, other, extension)))
    return der(0x30, der(0x30, *fields), der(0x30), der(3, b"\0"))


def test_names_and_whom_they_are_for():
    cases = (
        ((), "pbx.test", True),
        ((), "PBX.test", True),
        ((), "elsewhere.test", False),
        (((DNS, b"pbx.test"),), "pbx.test", True),
        (((DNS, b"a.test"), (DNS, b"PBX.TEST")), "pbx.test", True),
        # The common name counts only where there is nothing better.
        (((DNS, b"a.test"),), "pbx.test", False),
        (((URI, b"sip:pbx.test"),), "pbx.test", True),
        (((URI, b"sips:pbx.test:5061;x=y"),), "pbx.test", True),
        (((URI, b"sip:a.test"),), "pbx.test", False),
        (((DNS, b"*.test"),), "pbx.test", False),
        (((DNS, b"*"),), "pbx.test", False),
        (((DNS, b"sub.pbx.test"),), "pbx.test", False),
        (((DNS, b"pbx.test\0.evil"),), "pbx.test", False),
        (((IP, b"\x7f\0\0\1"),), "127.0.0.1", True),
        (((IP, b"\x7f\0\0\1"),), "127.0.0.2", False),
        (((DNS, b"127.0.0.1"),), "127.0.0.1", False),
        (((IP, b"\x20\x01\x0d\xb8" + bytes(11) + b"\1"),), "2001:db8::1", True),
        (((IP, b"\x20\x01\x0d\xb8" + bytes(11) + b"\1"),), "2001:db8:0:0:0:0:0:1", True),
        (((IP, b"\x20\x01\x0d\xb8" + bytes(11) + b"\1"),), "2001:db8::2", False),
        (((IP, bytes(16)),), "::g", False),
    )
    for names, name, wanted in cases:
        assert x509.is_for(certificate(*names), name) == wanted, (names, name)
    assert not x509.is_for(certificate((URI, b"sip:201@pbx.test"), common="x"), "pbx.test")
    assert x509.is_for(certificate((DNS, b"pbx.test"), version=False), "pbx.test")


def test_octets_that_are_no_certificate_are_for_nobody():
    whole = certificate((DNS, b"pbx.test"))
    for length in range(len(whole)):
        assert not x509.is_for(whole[:length], "pbx.test"), length
    for octets in (b"", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\x30\x00", bytes(50), b"\xff" * 50):
        assert not x509.is_for(octets, "pbx.test")


def test_pem_and_der_files():
    one, two = (
        b"-----BEGIN CERTIFICATE-----\r\nAAEC\r\n-----END CERTIFICATE-----\r\n",
        b"-----BEGIN EC PRIVATE KEY-----\nAw\n==\n-----END EC PRIVATE KEY-----\n",
    )
    # Other blocks of the file, such as openssl's EC PARAMETERS, are passed over.
    assert x509.ders(b"text before\n" + one + two + one) == [b"\0\1\2", b"\0\1\2"]
    assert x509.ders(one.replace(b"CERTIFICATE", b"EC PARAMETERS") + two, b"PRIVATE KEY") == [b"\3"]
    assert x509.ders(b"\x30\x03abc") == [b"\x30\x03abc"]
    assert x509.ders(b"nothing") == [] and x509.ders(b"") == []
