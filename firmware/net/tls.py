"""TLS, with RFC 5922's rules for certificates: one interface to CPython's ssl and MicroPython's tls.

A server's certificate is accepted if its chain leads to one in `ca` and it is for the name that was looked
up. If fingerprints are set, only certificates with one of these are accepted. With neither, no server is.
Clients that connect to us are not authenticated, unless we ask for certificates whose chain leads to `ca`.
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

    `asks`: clients that connect to us must show a certificate. Raises ValueError without a trusted
    certificate where one is needed, and for a certificate or key of our own that cannot be read.
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
        """`sock`, non-blocking and connecting, as a TLS socket to the server `name`."""
        return _Socket(self, sock, name)

    def accept(self, sock) -> "_Socket":
        """`sock`, non-blocking, of an incoming connection, as a TLS socket."""
        return _Socket(self, sock, None)

    def accepts(self, certificate: bytes, name: str) -> bool:
        """Whether `certificate` (DER), whose chain was verified, is that of `name`."""
        if self._pins:
            digest = hashlib.sha256(certificate).digest()
            return str(binascii.hexlify(digest), "ascii") in self._pins
        return x509.is_for(certificate, name)

    @property
    def is_pinned(self) -> bool:
        return bool(self._pins)

    def context(self, serves, check):
        """A new context; MicroPython's calls `check(certificate, depth)` during the handshake."""
        return _cpython_context(self, serves) if _ssl else _micropython_context(self, serves, check)


class _Socket:
    """A TLS socket with the `send` and `recv` of a plain non-blocking socket; call `handshake` first."""

    def __init__(self, owner, sock, name):
        self._owner = owner
        self._name = name
        self._serves = name is None
        self._checked = self._serves  # clients check us; if we ask for theirs, the context checks them
        self._chain = []  # the server's certificates in DER, its own last, until the handshake is done
        self._raw = sock
        self._sock = None

    async def handshake(self) -> None:
        """Shake hands and check the certificate; raises OSError, in words for people if TLS failed.

        MicroPython shakes hands in the first `send` or `recv`, which raise the same.
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
                # The exception does not hold the refused certificate.
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
        """The OSError that says in words why `error` (None: our own check) ended the handshake."""
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
        """The object that `compat.readable` and `writable` wait for."""
        return self._sock or self._raw

    def close(self) -> None:
        if self._sock is not None:
            self._sock.close()
        self._raw.close()


def _cpython_context(owner, serves):
    context = _ssl.SSLContext(_ssl.PROTOCOL_TLS_SERVER if serves else _ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _ssl.TLSVersion.TLSv1_2
    context.check_hostname = False  # RFC 5922 has rules of its own
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
