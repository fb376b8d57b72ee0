"""The certificates of phone.json, as text in it or as files beside it."""

from app import from_settings
from hal.null.storage import Storage
from services.log import Log
from support.web import Anything

PEM = "-----BEGIN CERTIFICATE-----\nMAMCAQc=\n-----END CERTIFICATE-----\n"


def test_text_and_file_come_to_the_same():
    storage = Storage()
    storage.write("ca.pem", PEM.encode())
    for ca in (PEM, "ca.pem"):
        log = Log()
        section = Anything(ca=ca, certificate=None, key=None, fingerprints=None)
        made = from_settings.tls(section, storage, log)
        assert made._authorities == [b"\x30\x03\x02\x01\x07"] and log.lines() == []


def test_a_file_that_is_missing_is_told():
    log = Log()
    section = Anything(ca="other.pem", certificate=None, key=None, fingerprints=None)
    assert from_settings.tls(section, Storage(), log) is None
    assert log.lines() == [("error", "TLS: there is no file other.pem")]
