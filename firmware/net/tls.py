"""TLS (RFC 5922): one face for CPython's ssl and MicroPython's tls.

The server proves itself by a certificate that leads to one of ours (`ca`) and is for the name that was
looked up, or, where fingerprints are set, by being one of those certificates: then no other is believed.
With neither, nobody is. Who connects to us proves nothing, unless we ask for certificates that lead to `ca`.
"""

import binascii
import hashlib

import compat
from net import x509

try:
    import tls

    _ssl = None
except ImportError:
    import os
    import ssl as _ssl

_EAGAIN = 11


class Tls:
    """`ca`, `certificate` and `key` are bytes of PEM or DER files, `fingerprints` SHA-256 in hexadecimal.

    `asks` tells whether those who connect to us must show a certificate. Raises ValueError for files that
    hold nothing of use.
    """

    def __init__(
        self, ca: bytes = b"", certificate: bytes = b"", key: bytes = b"", fingerprints=(), asks: bool = False
    ):
        self.asks = asks
        self._authorities = x509.ders(ca)
        self._own = (x509.ders(certificate), x509.ders(key, b"PRIVATE KEY")) if certificate else None
        self._pem = certificate + b"\n" + key
        self._pins = [text.replace(":", "").lower() for text in fingerprints]
        if not self._authorities and not self._pins and (asks or not self._own):
            raise ValueError("no trusted certificate")
        if self._own and not (self._own[0] and self._own[1]):
            raise ValueError("no certificate and key")

    def wrap(self, sock, name: str) -> "_Socket":
        """`sock`, non-blocking and connecting, as a socket of TLS with the server `name`."""
        return _Socket(self, sock, name)

    def accept(self, sock) -> "_Socket":
        """`sock`, non-blocking, which somebody made to us, as a socket of TLS."""
        return _Socket(self, sock, None)

    def accepts(self, certificate: bytes, name: str) -> bool:
        """Whether `certificate` (DER), of which the chain was proved, is that of `name`."""
        if self._pins:
            digest = hashlib.sha256(certificate).digest()
            return str(binascii.hexlify(digest), "ascii") in self._pins
        return x509.is_for(certificate, name)

    @property
    def is_pinned(self) -> bool:
        return bool(self._pins)

    def context(self, serves, check):
        """A new context; MicroPython's asks `check(certificate, depth)` while it shakes hands."""
        return _cpython_context(self, serves) if _ssl else _micropython_context(self, serves, check)


class _Socket:
    """`send` and `recv` as a plain non-blocking socket has them; `handshake` comes first."""

    def __init__(self, owner, sock, name):
        self._owner = owner
        self._name = name
        self._serves = name is None
        self._checked = self._serves  # it is they who check us; where we ask too, the context sees to it
        self._chain = []  # the server's certificates in DER, its own last, until hands are shaken
        self._raw = sock
        self._sock = None

    async def handshake(self) -> None:
        """Shake hands and check the certificate; raises OSError, with words for people where TLS failed.

        MicroPython shakes hands with the first `send` or `recv`: they raise the same.
        """
        try:
            context = self._owner.context(self._serves, self._check)
            self._sock = context.wrap_socket(
                self._raw,
                server_side=self._serves,
                server_hostname=self._name,
                do_handshake_on_connect=False,
            )
            if _ssl is None:
                return
        except ValueError as error:
            raise OSError("TLS: %s" % error)
        while True:
            try:
                self._sock.do_handshake()
                break
            except _ssl.SSLWantReadError:
                await compat.readable(self._sock)
            except _ssl.SSLWantWriteError:
                await compat.writable(self._sock)
            except _ssl.SSLError as error:
                if self._serves:
                    raise
                # Nothing else tells of a certificate that was refused.
                shown = self._sock._sslobj.get_unverified_chain() or ()
                self._chain = [each.public_bytes(_ssl._ssl.ENCODING_DER) for each in reversed(shown)]
                raise self._refusal(error)
        if not self._serves and self._check(self._sock.getpeercert(True), 0) != 0:
            raise self._refusal(None)
        self._chain = None

    def _check(self, certificate, depth):
        if self._serves:
            return 0
        self._chain = self._chain[-3:] + [bytes(certificate)] if certificate else []
        if depth == 0:
            self._checked = bool(certificate) and self._owner.accepts(self._chain[-1], self._name)
            return 0 if self._checked else -0x2700
        return 0

    def _refusal(self, error):
        """The OSError that tells in words why `error`, or None for our own check, ended the handshake."""
        from net import certificate

        chain, self._chain = self._chain or [], None
        return OSError(certificate.why(error, chain, self._name, self._owner.is_pinned))

    def send(self, view) -> int:
        if _ssl:
            try:
                return self._sock.send(view)
            except (_ssl.SSLWantReadError, _ssl.SSLWantWriteError):
                raise OSError(_EAGAIN, "not now")
        return self._done(self._sock.write, view)

    def recv(self, most: int) -> bytes:
        if _ssl:
            try:
                return self._sock.recv(most)
            except (_ssl.SSLWantReadError, _ssl.SSLWantWriteError):
                raise OSError(_EAGAIN, "not now")
        return self._done(self._sock.read, most)

    def _done(self, function, argument):
        try:
            result = function(argument)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno > 0:
                raise  # the socket's own
            if self._serves:
                raise OSError("TLS: %s" % error)
            is_ours = self._chain and not self._checked
            raise self._refusal(None if is_ours else error)
        if result is None:
            raise OSError(_EAGAIN)
        if not self._checked:
            raise self._refusal(None)
        self._chain = None
        return result

    @property
    def waitable(self):
        """What `compat.readable` and `writable` wait for."""
        return self._sock or self._raw

    def close(self) -> None:
        if self._sock is not None:
            self._sock.close()
        self._raw.close()


def _cpython_context(owner, serves):
    context = _ssl.SSLContext(_ssl.PROTOCOL_TLS_SERVER if serves else _ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _ssl.TLSVersion.TLSv1_2
    context.check_hostname = False  # the rules of RFC 5922 are others
    if not owner.asks if serves else owner._pins:
        context.verify_mode = _ssl.CERT_NONE
    else:
        context.verify_mode = _ssl.CERT_REQUIRED
        if not owner._authorities:
            raise ValueError("no trusted certificate")
        context.load_verify_locations(cadata=b"".join(owner._authorities))
    if owner._own:
        # It reads files only; this one never touches a disk.
        number = os.memfd_create("certificate")
        try:
            os.write(number, owner._pem)
            context.load_cert_chain("/proc/self/fd/%d" % number)
        finally:
            os.close(number)
    return context


def _micropython_context(owner, serves, check):
    context = tls.SSLContext(tls.PROTOCOL_TLS_SERVER if serves else tls.PROTOCOL_TLS_CLIENT)
    if serves and not owner.asks:
        context.verify_mode = tls.CERT_NONE
    elif owner._pins:
        # A chain need not be there: `check` looks at the certificate alone.
        context.verify_mode = tls.CERT_OPTIONAL
    else:
        context.verify_mode = tls.CERT_REQUIRED
        if not owner._authorities:
            raise ValueError("no trusted certificate")
        for der in owner._authorities:
            context.load_verify_locations(der)
    context.verify_callback = check
    if owner._own:
        context.load_cert_chain(owner._own[0][0], owner._own[1][0])
    return context
