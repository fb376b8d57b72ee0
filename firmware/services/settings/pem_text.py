"""Checks certificates and keys in phone.json, given as PEM text (RFC 7468). Loaded for one check only."""

import binascii

from net import certificate, x509

MAX_PEM = 8192  # characters; a file beside phone.json may have more
_NOUNS = {"CERTIFICATE": "certificate", "PRIVATE KEY": "key"}


def wrong(value: str, label: str) -> "str | None":
    """The error in `value`, which must hold PEM blocks with `label`; None if it is valid."""
    if len(value) > MAX_PEM:
        return "must have at most %d characters, but has %d" % (MAX_PEM, len(value))
    if label == "CERTIFICATE" and "PRIVATE KEY-----" in value:
        return "must not hold a private key: that belongs into tls.key"
    if "ENCRYPTED" in value:
        return "must be a key without a passphrase"
    number = 0
    for block in value.split("-----BEGIN ")[1:]:
        head, _, rest = block.partition("-----")
        if head.endswith(label):
            number += 1
            fault = _fault(head, rest, label)
            if fault:
                return "must be PEM text: %s %d %s" % (_NOUNS[label], number, fault)
    if number == 0 or not all(" " <= c <= "~" or c in "\r\n\t" for c in value):
        return "must be PEM text with a " + label
    return None


def _fault(head, rest, label):
    body, end, _ = rest.partition("-----END " + head + "-----")
    if not end:
        return "has no END line: it is truncated"
    try:
        der = binascii.a2b_base64("".join(body.split()).encode())
        parts = x509.members(der)
    except (IndexError, ValueError):
        return "is damaged or truncated"
    if len(parts) != 1 or parts[0][0] != 0x30 or (label == "CERTIFICATE" and not certificate.facts(der)):
        return "is none" if label != "CERTIFICATE" else "is no certificate"
    return None
