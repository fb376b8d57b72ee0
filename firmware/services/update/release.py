"""The format of a release: reads its head, and checks whether the release may be installed on this phone.

    bytes      content
    8           b"BAKELITE"
    4           length of the manifest, most significant byte first; at most 32 KB
    384         signature (see signature.py) over the SHA-256 of the magic, the length and the manifest
    …           the manifest, JSON: format 1, version, board, kind, micropython, total, files
    …           the files' bytes in the manifest's order, uncompressed, so that no length grows in unpacking

`files` is a list of [path, size in bytes, SHA-256 in hexadecimal]; `total` is the sum of the sizes. The
signature covers the manifest, and so the digest of every file.
"""

import hashlib
import json

from compat import is_digits
from services.update.signature import LENGTH, is_signed

MAGIC = b"BAKELITE"
PREFIX = len(MAGIC) + 4 + LENGTH  # bytes before the manifest
MAX_MANIFEST = 32768
MAX_TOTAL = 8 << 20
MAX_FILES = 400


class PackageError(Exception):
    """Why a release is not installed; the message is for the person."""


class Release:
    """The manifest of a signed release; made by `read_head`. `version` is a string, `number` the same as a
    tuple for comparisons, `files` a list of (path, size, digest)."""

    def __init__(self, value):
        try:
            self.version = value["version"]
            self.number = version_number(self.version)
            self.board = value["board"]
            self.kind = value["kind"]
            self.micropython = version_number(value["micropython"])
            self.files = [(path, size, digest) for path, size, digest in value["files"]]
            self.total = value["total"]
            good = value["format"] == 1 and 0 < len(self.files) <= MAX_FILES
            for path, size, digest in self.files:
                good = good and isinstance(path, str) and isinstance(size, int) and size >= 0
                good = good and isinstance(digest, str) and len(digest) == 64
            good = good and self.total == sum([size for _, size, _ in self.files])
        except (KeyError, TypeError, ValueError):
            good = False
        if not good:
            raise PackageError("the release has an unknown format")
        if self.total > MAX_TOTAL:
            raise PackageError("the release is too large")

    @property
    def octets(self) -> int:
        """The number of bytes after the head."""
        return self.total


def version_number(text: str) -> tuple:
    """A version as a tuple for comparisons: (1, 2, 0) for "1.2". Raises ValueError for other strings."""
    parts = text.split(".") if isinstance(text, str) else ()
    if not 1 <= len(parts) <= 3 or not all(is_digits(part, 5) for part in parts):
        raise ValueError("not a version")
    return tuple([int(part) for part in parts] + [0] * (3 - len(parts)))


def same_version(one, other: str) -> bool:
    """Whether both are the same version, as "0.2" and "0.2.0" are; False if one is not a version."""
    try:
        return version_number(one) == version_number(other)
    except ValueError:
        return False


def manifest_length(prefix: bytes) -> int:
    """The length of the manifest after these PREFIX bytes. Raises PackageError."""
    if len(prefix) != PREFIX or bytes(prefix[:8]) != MAGIC:
        raise PackageError("not a Bakelite release")
    length = int.from_bytes(bytes(prefix[8:12]), "big")
    if not 0 < length <= MAX_MANIFEST:
        raise PackageError("the release's manifest is too long")
    return length


def read_head(prefix: bytes, manifest: bytes, modulus: "int | None") -> Release:
    """The Release in a head that is signed with the key of `modulus`. Raises PackageError."""
    if modulus is None:
        raise PackageError("this firmware has no key to verify releases")
    digest = hashlib.sha256(bytes(prefix[:12]))
    digest.update(manifest)
    if not is_signed(digest.digest(), bytes(prefix[12:]), modulus):
        raise PackageError("the release's signature is invalid")
    try:
        value = json.loads(str(manifest, "utf-8"))
    except (ValueError, RuntimeError):
        value = None
    return Release(value)


def check_fits(release: Release, board: str, kind: str, micropython: "tuple | None") -> None:
    """Raises PackageError unless the release is for this board, its slots and its interpreter."""
    if release.board != board:
        raise PackageError("the release is for %s, this board is %s" % (_shown(release.board), board))
    if release.kind != kind:
        raise PackageError("the release is for another kind of image")
    if micropython is not None and micropython < release.micropython:
        raise PackageError("the release needs MicroPython %d.%d.%d" % release.micropython)


def check_newer(release: Release, version: str, older: bool = False) -> None:
    """Raises PackageError unless the release is newer than `version`, or older and `older` allows that."""
    running = version_number(version)
    if release.number == running:
        raise PackageError("%s is installed already" % version)
    if release.number < running and not older:
        raise PackageError("%s is older than %s, which is installed" % (release.version, version))


def _shown(text):
    return "".join([c if " " < c < "\x7f" else "?" for c in str(text)[:40]])
