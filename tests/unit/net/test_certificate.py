"""What certificates say of themselves, and what people are told of those that TLS refused."""

import time

from net import certificate
from support.der import certificate as made

DNS, URI = 0x82, 0x86


def test_facts():
    assert certificate.facts(made()) == (
        "pbx.test",
        "Authority",
        (2020, 1, 1, 0, 0, 0),
        (2060, 1, 2, 3, 4, 5),
    )
    for octets, year in ((b"491231235959Z", 2049), (b"500101000000Z", 1950), (b"99991231235959Z", 9999)):
        assert certificate.facts(made(end=octets))[3][0] == year
    # What a stranger wrote reaches a display: short, and printable.
    subject, issuer = certificate.facts(made(b"a\x1b[2J\xff", b"x" * 300))[:2]
    assert (subject, issuer) == ("a?[2J?", "x" * 40)
    assert certificate.day((2026, 1, 2, 3, 4, 5)) == "2026-01-02"


def test_octets_that_are_no_certificate():
    whole = made()
    for length in range(len(whole)):
        assert certificate.facts(whole[:length]) is None, length
    for wrong in (b"2001010000Z", b"200101000000+0100", b"x00101000000Z", b"", b"200101000000\xb2Z"):
        assert certificate.facts(made(begin=wrong)) is None, wrong


class VerificationError(Exception):
    """As CPython's ssl.SSLCertVerificationError."""

    def __init__(self, text):
        super().__init__(1, "[SSL: CERTIFICATE_VERIFY_FAILED] …")
        self.verify_message = text


CPYTHON = VerificationError("unable to get local issuer certificate")
MBEDTLS = ValueError("\nThe certificate is not correctly signed by the trusted CA\n")


def test_why():
    good = made()
    today = "; the phone's date is " + certificate.day(tuple(time.gmtime()[:6]))
    ended = "Certificate of pbx.test ended on 2020-01-02" + today
    begins = "Certificate of pbx.test begins on 2060-01-02" + today
    no_trust = "Certificate of pbx.test is not trusted: its issuer is Authority"
    for error, chain, pinned, words in (
        (None, [], False, "TLS: the server sent no certificate"),
        (None, [b"\x30\x00"], False, "TLS: the server sent no certificate"),
        (None, [good], False, "Certificate is for pbx.test, not for other.test"),
        (
            None,
            [made(names=((URI, b"sip:b.test"), (DNS, b"a.test")))],
            False,
            "Certificate is for a.test, not for other.test",
        ),
        (None, [good], True, "Certificate of pbx.test differs from tls.fingerprints"),
        (CPYTHON, [good], False, no_trust),
        (MBEDTLS, [good], False, no_trust),
        (VerificationError("self-signed certificate"), [good], False, no_trust),
        (ValueError("\nThe certificate validity has expired\n"), [made(end=b"200102000000Z")], False, ended),
        (VerificationError("certificate has expired"), [made(end=b"200102000000Z")], False, ended),
        (ValueError("\n…starts in the future\n"), [made(begin=b"20600102030405Z")], False, begins),
        # One above it has ended.
        (
            MBEDTLS,
            [made(b"Root", b"Root", end=b"200102000000Z"), good],
            False,
            "Certificate of Root ended on 2020-01-02" + today,
        ),
        (
            ValueError("\nThe certificate is signed with an unacceptable hash.\nmore"),
            [good],
            False,
            "Certificate of pbx.test is refused: The certificate is signed with an unacceptable hash.",
        ),
        (
            OSError(-0x7780, "SSL - A fatal alert message was received"),
            [],
            False,
            "TLS refused by the server",
        ),
        (OSError(-0x7280, "SSL - …"), [good], False, "TLS: the server closed the connection"),
        (OSError(-0x6E00), [], False, "TLS failed: -28160"),
        (OSError(-0x6E00, "SSL - handshake\n"), [good], False, "TLS failed: SSL - handshake"),
        (ValueError("invalid cert"), [], False, "TLS failed: invalid cert"),
    ):
        assert certificate.why(error, chain, "other.test", pinned) == words, (error, words)


def test_alerts_of_openssl():
    error = Reasoned("TLSV13_ALERT_CERTIFICATE_REQUIRED")
    assert certificate.why(error, [], "a", False) == "TLS refused by the server: certificate required"
    error = Reasoned("UNEXPECTED_EOF_WHILE_READING")
    assert certificate.why(error, [made()], "a", False) == "TLS: the server closed the connection"


class Reasoned(Exception):
    """As CPython's ssl.SSLError."""

    def __init__(self, reason):
        super().__init__(1, "[SSL: …]")
        self.reason = reason
