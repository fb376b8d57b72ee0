"""Certificates made for one test by openssl: authorities, and servers that they vouch for."""

import datetime
import hashlib
import ssl
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from support.require import require_program


class Identity:
    """A certificate for `names` ("DNS:pbx.test", "URI:sip:pbx.test", "IP:127.0.0.1"), `certificate` and `key`
    its files. Signed by `authority`, another Identity, or self-signed. It counts for two days, or from the first
    to the second day of `days`, counted from now."""

    def __init__(self, folder, name: str, names=(), authority=None, days=None):
        openssl = require_program("openssl", "openssl")
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.certificate = folder / (name + ".pem")
        self.key = folder / (name + ".key")
        command = [
            openssl,
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=" + name,
            "-days",
            "2",
            "-keyout",
            self.key,
            "-out",
            self.certificate,
        ]
        if names:
            command += ["-addext", "subjectAltName=" + ",".join(names)]
        if authority:
            command += [
                "-CA",
                authority.certificate,
                "-CAkey",
                authority.key,
                "-addext",
                "basicConstraints=critical,CA:FALSE",
            ]
        subprocess.run(command, check=True, capture_output=True)
        if days:
            self._move(authority or self, *days)

    def _move(self, authority, first, last):
        """Sign it again, for other days: openssl itself makes none that has ended."""
        made = x509.load_pem_x509_certificate(self.pem)
        key = serialization.load_pem_private_key(authority.key.read_bytes(), None)
        now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
        builder = x509.CertificateBuilder(
            made.issuer, made.subject, made.public_key(), made.serial_number, extensions=list(made.extensions)
        )
        builder = builder.not_valid_before(now + first * day).not_valid_after(now + last * day)
        pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        self.certificate.write_bytes(pem)

    @property
    def pem(self) -> bytes:
        return self.certificate.read_bytes()

    @property
    def der(self) -> bytes:
        return ssl.PEM_cert_to_DER_cert(self.pem.decode())

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.der).hexdigest()
