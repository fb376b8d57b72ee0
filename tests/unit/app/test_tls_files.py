"""The certificates of phone.json, as text in it or as files beside it."""

from app import from_settings
from hal.null.storage import Storage
from support.check import raises
from support.web import Anything

PEM = "-----BEGIN CERTIFICATE-----\nMAMCAQc=\n-----END CERTIFICATE-----\n"


def section(**values):
    return Anything(**dict({"ca": None, "certificate": None, "key": None, "fingerprints": None}, **values))


def test_text_and_file_come_to_the_same():
    storage = Storage()
    storage.write("ca.pem", PEM.encode())
    for ca in (PEM, "ca.pem"):
        assert from_settings.tls(section(ca=ca), storage)._authorities == [b"\x30\x03\x02\x01\x07"]
    assert from_settings.tls(section(), storage) is None


def test_a_file_that_is_missing_or_holds_nothing_is_told():
    storage = Storage()
    error = raises(OSError, from_settings.tls, section(ca="other.pem"), storage)
    assert error.args == ("TLS: there is no file other.pem",)
    storage.write("ca.pem", b"hello")
    error = raises(OSError, from_settings.tls, section(ca="ca.pem"), storage)
    assert error.args == ("TLS: no trusted certificate",)
