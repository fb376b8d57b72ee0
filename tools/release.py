#!/usr/bin/env python3
"""Make releases that phones install over the air: a key once, then pack, sign and serve.

  release.py key              make the key pair: the private key for you alone, and the module with the public
                              one that images and releases are built with
  release.py pack BOARD…      the tree as it is, for each board, signed, in build/release/
  release.py show FILE        what is in a release, and whether our key signed it
  release.py serve            serve build/release/ to phones, and print the setting update.url

docs/updates.md explains the steps, firmware/services/update/release.py the format.
"""

import argparse
import hashlib
import http.server
import json
import os
import sys
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.lib import host_path

host_path.use(host_path.FIRMWARE)

from services.update import release as release_format
from services.update import signature
from tools.lib import application
from tools.lib.application import ApplicationError

FOLDER = ROOT / "build" / "release"
KEYS = ROOT / "keys"  # outside of build: `make clean` must not delete the private key
PRIVATE = KEYS / "release.pem"
# Part of images and releases: services.update.installer imports it.
PUBLIC = KEYS / "release_key.py"

PUBLIC_TEXT = '''"""The modulus of the RSA key that signs what this phone installs (docs/updates.md)."""

MODULUS = int(
    "%s", 16
)
'''


class ReleaseError(Exception):
    """What is wrong and what to do, for a person to read."""


def make_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=signature.LENGTH * 8)


def public_module(key: rsa.RSAPrivateKey) -> str:
    """The source of the module `release_key`, with the modulus of `key`."""
    return PUBLIC_TEXT % f"{key.public_key().public_numbers().n:x}"


def load_key(path: Path, password: "bytes | None" = None) -> rsa.RSAPrivateKey:
    if not path.exists():
        raise ReleaseError(f"there is no key {path}: make one with `tools/release.py key`, or name yours")
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password)
    except (TypeError, ValueError) as error:
        hint = "RELEASE_PASSWORD in the environment opens an encrypted one"
        raise ReleaseError(f"{path}: {error} ({hint})") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != signature.LENGTH * 8:
        raise ReleaseError(f"{path} is no RSA key of {signature.LENGTH * 8} bits")
    return key


def sign(key: rsa.RSAPrivateKey, octets: bytes) -> bytes:
    return key.sign(octets, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def head(key: rsa.RSAPrivateKey, manifest: bytes) -> bytes:
    """The part of a release before its files: magic, length of the manifest, signature, manifest."""
    start = release_format.MAGIC + len(manifest).to_bytes(4, "big")
    return start + sign(key, start + manifest) + manifest


def pack(key: rsa.RSAPrivateKey, files: "list[tuple[str, bytes]]", **named) -> bytes:
    """A release of [(path, bytes)]; `named` are the manifest's version, board, kind and micropython."""
    listed = [[path, len(octets), hashlib.sha256(octets).hexdigest()] for path, octets in files]
    manifest = dict(named, format=1, total=sum(len(octets) for _, octets in files), files=listed)
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()
    if len(text) > release_format.MAX_MANIFEST or len(files) > release_format.MAX_FILES:
        raise ReleaseError(f"{len(files)} files are more than a phone takes")
    if manifest["total"] > release_format.MAX_TOTAL:
        raise ReleaseError(f"{manifest['total']} bytes are more than a phone takes")
    return head(key, text) + b"".join(octets for _, octets in files)


def files_of(board: str, firmware: "Path | None") -> "tuple[str, list[tuple[str, bytes]]]":
    """(kind, files) of a release for that board."""
    if application.papers(board).get("image", "stock") == "stock":
        return "folders", application.build(board)
    path = firmware or ROOT / "build" / "firmware" / board / "application.bin"
    if not path.exists():
        raise ReleaseError(f"{board} has a custom image, and there is no {path}: make firmware BOARD={board}")
    return "partition", [("firmware.bin", path.read_bytes())]


def compiled(text: str, board: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, PUBLIC.name)
        path.write_text(text)
        return application.compile_file(path, PUBLIC.name, application.architecture(board))


def release(
    key: rsa.RSAPrivateKey,
    board: str,
    firmware: "Path | None" = None,
    next_key: "rsa.RSAPrivateKey | None" = None,
) -> bytes:
    """A release of the tree for `board`. A phone that installs it then trusts `next_key` (default: `key`)."""
    kind, files = files_of(board, firmware)
    if kind == "folders":
        # The installed application must be able to verify the next release.
        files = [(path, octets) for path, octets in files if path != "release_key.mpy"]
        files = sorted([*files, ("release_key.mpy", compiled(public_module(next_key or key), board))])
    return pack(
        key,
        files,
        version=application.version(),
        board=board,
        kind=kind,
        micropython=application.MINIMUM_MICROPYTHON,
    )


def command_key(options) -> None:
    private, public = options.key, options.key.parent / PUBLIC.name
    if private.exists():
        raise ReleaseError(f"{private} exists already and phones trust this key: the key is not replaced")
    password = os.environ.get("RELEASE_PASSWORD", "").encode()
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    key = make_key()
    private.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        form = serialization.PrivateFormat.PKCS8
        file.write(key.private_bytes(serialization.Encoding.PEM, form, encryption))
    public.write_text(public_module(key))
    print(f"private key: {private} (keep it safe and to yourself: who has it, has every phone)")
    print(f"public key:  {public} (make image and make firmware build it in)")


def command_pack(options) -> None:
    key = load_key(options.key, os.environ.get("RELEASE_PASSWORD", "").encode() or None)
    next_key = load_key(options.next_key) if options.next_key else None
    options.folder.mkdir(parents=True, exist_ok=True)
    for board in options.board:
        octets = release(key, board, options.firmware, next_key)
        path = options.folder / f"{board}.release"
        new = path.with_suffix(".new")
        new.write_bytes(octets)
        new.replace(path)
        print(f"{path}: {application.version()}, {len(octets) // 1024} KB")


def command_show(options) -> None:
    octets = options.file.read_bytes()
    try:
        prefix = octets[: release_format.PREFIX]
        manifest = octets[
            release_format.PREFIX : release_format.PREFIX + release_format.manifest_length(prefix)
        ]
        key = load_key(options.key, os.environ.get("RELEASE_PASSWORD", "").encode() or None)
        found = release_format.read_head(prefix, manifest, key.public_key().public_numbers().n)
    except release_format.PackageError as error:
        raise ReleaseError(f"{options.file}: {error}") from None
    rows, broken = [], 0
    at = release_format.PREFIX + len(manifest)
    for path, size, digest in found.files:
        good = hashlib.sha256(octets[at : at + size]).hexdigest() == digest
        rows.append(f"{size:8d}  {path}{'' if good else '  (broken)'}")
        broken += not good
        at += size
    verdict = f"BROKEN: {broken} of {len(rows)} files" if broken else "signed by our key"
    if at != len(octets):
        verdict = f"BROKEN: {len(octets)} bytes instead of {at}"
    print(f"{found.version} for {found.board} ({found.kind}), {found.total} bytes, {verdict}")
    print("\n".join(rows))
    if verdict.startswith("BROKEN"):
        raise ReleaseError(f"{options.file}: no phone installs this release: build it again")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves releases with an ETag: a phone that has the release already gets a 304."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if not path.is_file() or path.suffix != ".release":
            self.send_error(404)
            return
        octets = path.read_bytes()
        tag = '"%s"' % hashlib.sha256(octets).hexdigest()[:32]
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.send_header("ETag", tag)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("ETag", tag)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        try:
            self.wfile.write(octets)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the phone closes when the head shows no update


def server(folder: Path, host: str = "", port: int = 0) -> http.server.ThreadingHTTPServer:
    """An HTTP server for the releases in `folder`; the caller starts it with `serve_forever`."""

    def handler(*arguments):
        return Handler(*arguments, directory=str(folder))

    return http.server.ThreadingHTTPServer((host, port), handler)


def command_serve(options) -> None:
    with server(options.folder, options.host, options.port) as web:
        for path in sorted(options.folder.glob("*.release")):
            print(f"serving {path.name}")
        url = f"http://<this machine>:{web.server_address[1]}"
        print(f'in phone.json: {{"update": {{"url": "{url}"}}}}', flush=True)
        try:
            web.serve_forever()
        except KeyboardInterrupt:
            pass


def arguments() -> argparse.Namespace:
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    made = {}
    for name, function in (
        ("key", command_key),
        ("pack", command_pack),
        ("show", command_show),
        ("serve", command_serve),
    ):
        made[name] = commands.add_parser(name)
        made[name].set_defaults(run=function)
        if name != "serve":
            made[name].add_argument(
                "--key",
                type=Path,
                default=PRIVATE,
                metavar="FILE",
                help="the private key (default: %(default)s)",
            )
        if name in ("pack", "serve"):
            made[name].add_argument("--folder", type=Path, default=FOLDER, help="default: %(default)s")
    made["pack"].add_argument("board", nargs="+", metavar="BOARD")
    made["pack"].add_argument(
        "--firmware",
        type=Path,
        metavar="FILE",
        help="a custom image's application (default: as make firmware left it)",
    )
    made["pack"].add_argument(
        "--next-key",
        type=Path,
        metavar="FILE",
        help="private key of the releases after this one, if another (stock images)",
    )
    made["show"].add_argument("file", type=Path, metavar="FILE")
    made["serve"].add_argument("--host", default="", help="address to listen on (default: all)")
    made["serve"].add_argument("--port", type=int, default=8266, help="default: %(default)s")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    try:
        options.run(options)
    except (ReleaseError, ApplicationError, OSError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
