"""Facts of the certificates in phone.json's `tls`, for the web interface. The key is not read."""

from microdot.microdot import Response

import compat
from services.settings import settings_store


async def read(web, request):
    """{"tls.ca": [[subject, issuer, first day, last day]], …}; a string instead of a list is an error."""
    from net import certificate, x509

    storage = web.life.board.storage
    counts = settings_store.merged(settings_store.own(storage), settings_store.provisioned(storage))
    section = counts.get("tls") or {}
    shown = {}
    for name in ("ca", "certificate"):
        value = section.get(name)
        if value:
            octets = value.encode() if value[:1] == "-" else storage.read(value)
            path = "tls." + name
            if octets is None:
                shown[path] = "there is no file " + value
            else:
                shown[path] = [_row(certificate, der) for der in x509.ders(octets)] or "holds no certificate"
    compat.forget("net.certificate")
    return Response({"certificates": shown})


def _row(certificate, der):
    facts = certificate.facts(der)
    if facts is None:
        return ["not a certificate", "", "", ""]
    return [facts[0], facts[1], certificate.day(facts[2]), certificate.day(facts[3])]
