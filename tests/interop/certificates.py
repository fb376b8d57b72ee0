"""Certificates made for one test by openssl: authorities, and servers that they vouch for."""

import hashlib
import ssl
import subprocess
from pathlib import Path

from support.require import require_program


class Identity:
    """A certificate for `names` ("DNS:pbx.test", "URI:sip:pbx.test", "IP:127.0.0.1"), `certificate` and `key`
    its files. Signed by `authority`, another Identity, or by itself."""

    def __init__(self, folder, name: str, names=(), authority=None, days: int = 2):
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
            str(days),
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

    @property
    def pem(self) -> bytes:
        return self.certificate.read_bytes()

    @property
    def der(self) -> bytes:
        return ssl.PEM_cert_to_DER_cert(self.pem.decode())

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.der).hexdigest()
