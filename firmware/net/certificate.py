"""A certificate's subject, issuer and validity (RFC 5280 §4.1), and in words why TLS refused a certificate.

Loaded for these two only. A certificate's content is untrusted: it is bounded and made printable here.
"""

import time

from net import x509

_MAX_NAME = 40  # characters of a name that are shown
_MAX_TEXT = 80  # characters of the TLS library's message
_REFUSED_BY_PEER = -0x7780  # mbedtls: the peer sent an alert
_ENDED_BY_PEER = -0x7280


def facts(der: bytes) -> "tuple | None":
    """(subject, issuer, begin, end): two names, then two (year, month, day, hour, minute, second) in UTC.

    None for bytes that are not a certificate.
    """
    try:
        tbs = x509.members(x509.members(x509.contents(der, 0))[0][1])
        if tbs[0][0] == 0xA0:
            tbs.pop(0)
        begin, end = [_time(*each) for each in x509.members(tbs[3][1])]
        dns, uris, addresses, common = x509.names(der)
        return _named(common or dns or uris), _named(x509.common_names(tbs[2][1])), begin, end
    except (IndexError, ValueError):
        return None


def day(moment: tuple) -> str:
    return "%d-%02d-%02d" % moment[:3]


def why(error: "Exception | None", chain: list, name: str, pinned: bool) -> str:
    """Why TLS with the server `name` failed. `chain` holds the DER of its certificates, its own last.

    `error` is the TLS library's exception; None: our own check refused the certificate.
    """
    own = facts(chain[-1]) if chain else None
    if error is None:
        if own is None:
            return "TLS: the server sent no certificate"
        if pinned:
            return "Certificate of %s differs from tls.fingerprints" % own[0]
        dns, uris, addresses, common = x509.names(chain[-1])
        return "Certificate is for %s, not for %s" % (_named(dns or uris or common), name)
    text = _text_of(error)
    if own is None or not _is_verification(error):
        return _failure(error, text)
    today = tuple(time.gmtime()[:6])
    for subject, _, begin, end in [each for each in [facts(der) for der in chain] if each]:
        wrong = "ended on " + day(end) if end < today else "begins on " + day(begin) if begin > today else ""
        if wrong:
            return "Certificate of %s %s; the phone's date is %s" % (subject, wrong, day(today))
    if "issuer" in text or "self" in text or "trusted" in text or "first cert" in text:
        return "Certificate of %s is not trusted: its issuer is %s" % (own[0], own[1])
    return "Certificate of %s is refused: %s" % (own[0], text)


def _is_verification(error):
    # CPython's SSLCertVerificationError, MicroPython's ValueError.
    return hasattr(error, "verify_message") or isinstance(error, ValueError)


def _text_of(error):
    text = getattr(error, "verify_message", None) or getattr(error, "reason", None) or error.args[-1]
    # mbedtls has a line for each reason.
    return _printable(str(text).strip().split("\n")[0], _MAX_TEXT)


def _failure(error, text):
    number = error.args[0] if error.args else None
    if number == _REFUSED_BY_PEER:
        return "TLS refused by the server"
    if number == _ENDED_BY_PEER or "EOF" in text:
        return "TLS: the server closed the connection"
    if "ALERT_" in text:  # OpenSSL's TLSV1_ALERT_UNKNOWN_CA
        return "TLS refused by the server: " + text.partition("ALERT_")[2].replace("_", " ").lower()
    return "TLS failed: " + text


def _named(names):
    return _printable(names[0] if names else "(no name)", _MAX_NAME)


def _printable(text, most):
    return "".join([c if " " <= c <= "~" else "?" for c in text[:most]])


def _time(tag, octets):
    """UTCTime or GeneralizedTime, both in the one form that §4.1.2.5 allows."""
    digits = "".join([chr(octet) for octet in octets])
    if tag == 0x17:
        digits = ("20" if digits[:2] < "50" else "19") + digits
    if len(digits) != 15 or digits[14] != "Z" or not digits[:14].isdigit():
        raise ValueError("not a time")
    return tuple([int(digits[:4])] + [int(digits[at : at + 2]) for at in range(4, 14, 2)])
