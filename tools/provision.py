#!/usr/bin/env python3
"""Settings of a fleet: makes a file for each phone from a table, and serves the files by HTTP.

    tools/provision.py make phones.csv --common common.json --out fleet
    tools/provision.py serve fleet --listen 192.0.2.10:8080 --user phones:secret --announce
    tools/provision.py password

The table's first row names settings (`mac`, then as docs/configuration.md has them: `lines[0].aor`,
`audio.volume`; `aor`, `user`, `password` and `display_name` are those of the first line); each other row is
a phone. Every file is checked as the phone will, together with the common one, before any is written.
`password` asks for a password and prints its hash for `web.password`. Exit codes: 0; 1 for a file or an
address that is not available; 2 for mistakes.
"""

import argparse
import asyncio
import csv
import getpass
import hashlib
import json
import os
import re
import secrets
import socket
import ssl
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.lib import host_path

host_path.use(host_path.FIRMWARE)

from net.discovery import SIP_GROUP
from phone.entries import wrong_entries
from phone.phonebook import MAX_COUNT
from services import password
from services.settings import settings, settings_store
from services.settings.section import SettingsError
from sip.digest import ha1
from sip.server.authenticator import Authenticator
from sip.syntax.grammar import ParseError
from sip.syntax.headers import CSeq, NameAddr
from sip.syntax.message import Request, Response, parse
from tools.lib.terminal import printable

SHORT = ("aor", "user", "password", "display_name")
REALM = "Bakelite phones"
MAX_SIZE = 4096


class Mistakes(Exception):
    """The mistakes in the table or in a file, a line for each."""


# ---- from a table to files ----


def read_table(path: Path) -> dict:
    """{mac as in a file name: the phone's settings}; raises Mistakes that name the row."""
    wrong: list = []
    phones: dict = {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        first = file.readline()
        file.seek(0)
        # Spreadsheets use the list separator of their country: ; where the comma is the decimal sign.
        separator = max(",;\t", key=first.count)
        rows = csv.DictReader(file, delimiter=separator)
        names = rows.fieldnames or []
        if "mac" not in names:
            raise Mistakes(f"{path}: the first row must name the columns, and one of them `mac`")
        for number, row in enumerate(rows, 2):
            where = f"{path}, row {number}"
            mac = re.sub("[:.-]", "", row["mac"] or "").lower()
            if not re.fullmatch("[0-9a-f]{12}", mac):
                wrong.append(f"{where}: mac: must be 12 hexadecimal digits")
            elif mac in phones:
                wrong.append(f"{where}: mac: is that of an earlier row")
            elif None in row:
                wrong.append(f"{where}: has more cells than the first row names")
            else:
                phones[mac] = phone_of(row, where, wrong)
    if wrong:
        raise Mistakes("\n".join(wrong))
    return phones


def phone_of(row: dict, where: str, wrong: list) -> dict:
    """The settings in a row; empty cells are left out."""
    made: dict = {}
    for name, cell in row.items():
        if name == "mac" or not cell:
            continue
        path = f"lines[0].{name}" if name in SHORT else name
        kinds = [kind for known, kind, _ in settings.SCHEMA if known == re.sub(r"\[\d\]", "[]", path)]
        if not kinds or isinstance(kinds[0], settings.ListOf):
            wrong.append(f"{where}: {name}: is not a setting")
            continue
        value = value_of(cell, kinds[0])
        if kinds[0](value):
            wrong.append(f"{where}: {name}: {kinds[0](value)}")
            continue
        put(made, path, value)
    return made


def value_of(cell: str, kind):
    """The value of a cell: a string where the setting takes one, else parsed as JSON. A cell that is not JSON
    stays a string, for which the setting's kind reports the mistake."""
    if not kind(cell):
        return cell
    try:
        return json.loads(cell)
    except ValueError:
        return cell


def put(made: dict, path: str, value) -> None:
    """Set the member that `path` names, such as lines[0].aor."""
    *parents, last = path.split(".")
    for parent in parents:
        name, bracket, index = parent.partition("[")
        if bracket:
            members = made.setdefault(name, [])
            while len(members) <= int(index[:-1]):
                members.append({})
            made = members[int(index[:-1])]
        else:
            made = made.setdefault(name, {})
    made[last] = value


def make(table: Path, common: "Path | None", out: Path) -> int:
    """Write the files; returns the number of phones. Raises Mistakes before anything is written."""
    phones = read_table(table)
    shared = {}
    if common is not None:
        try:
            shared = json.loads(common.read_text())
        except ValueError as error:
            raise Mistakes(f"{common}: is not JSON: {error}") from None
        if not isinstance(shared, dict):
            raise Mistakes(f"{common}: must be a JSON object")
    book = shared.get("phonebook", [])
    wrong = [f"{common}: phonebook{mistake[5:]}" for mistake in wrong_entries(book, MAX_COUNT)]
    checked = {name: value for name, value in shared.items() if name != "phonebook"}
    for mac, phone in phones.items():
        try:
            settings.load(json.dumps(settings_store.merged(checked, phone)))
        except SettingsError as error:
            wrong += [f"{mac}: {mistake}" for mistake in error.mistakes]
    if wrong:
        raise Mistakes("\n".join(wrong))
    out.mkdir(parents=True, exist_ok=True)
    for name, value in {**phones, "common": shared}.items():
        write(out / f"{name}.json", json.dumps(value, indent=2) + "\n")
    return len(phones)


def write(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only: there are passwords in it."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


# ---- serving the files ----


class Server(ThreadingHTTPServer):
    """Serves the .json files of `folder`; with `user`, only to clients that authenticate by digest."""

    daemon_threads = True

    def __init__(self, address, folder: Path, user: "str | None", context: "ssl.SSLContext | None"):
        self.folder = folder
        self.guard = None
        self.lock = threading.Lock()
        if user:
            name, _, secret = user.partition(":")
            algorithms = {each: ha1(name, REALM, secret, each) for each in ("SHA-256", "MD5")}

            def lookup(asked, algorithm):
                return algorithms[algorithm] if asked == name else None

            self.guard = Authenticator(REALM, lookup, secrets.token_bytes)
        super().__init__(address, Handler)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)


class Handler(BaseHTTPRequestHandler):
    """Answers one request: the file, 304 where the phone has it, 401 or 404."""

    server: Server
    timeout = 20

    def do_GET(self):
        refusal = self._refusal()
        if refusal:
            self._answer(401, b"", [("WWW-Authenticate", each) for each in refusal])
            return
        name = self.path.partition("?")[0].lstrip("/")
        path = self.server.folder / name
        if not re.fullmatch(r"(?:[0-9a-f]{12}|common)\.json", name) or not path.is_file():
            self._answer(404, b"", [])
            return
        body = path.read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        if self.headers.get("If-None-Match") == etag:
            self._answer(304, b"", [("ETag", etag)])
        else:
            self._answer(200, body, [("ETag", etag), ("Content-Type", "application/json")])

    def _refusal(self):
        """The digest challenges for a request that is not authenticated; [] for one that is."""
        guard = self.server.guard
        if guard is None:
            return []
        request = Request("GET", self.path)
        for value in self.headers.get_all("Authorization") or []:
            request.add("Authorization", value)
        now = int(time.monotonic() * 1000)
        with self.server.lock:
            user, stale = guard.check(request, "Authorization", now)
            return [] if user else guard.challenge(now, stale)

    def _answer(self, status, body, headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        print(f"{self.client_address[0]} {printable(format % args)}", flush=True)


def announce(url: str, group=SIP_GROUP) -> None:
    """Answer phones that ask for the files' URL by SIP multicast, forever; OSError without a network."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("", group[1]))
    if group == SIP_GROUP:
        membership = struct.pack("!4s4s", socket.inet_aton(group[0]), socket.inet_aton("0.0.0.0"))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    while True:
        data, source = sock.recvfrom(MAX_SIZE)
        for answer in answers(data, url):
            try:
                sock.sendto(answer, source)
            except OSError as error:  # a forged source, such as port 0, must not end the loop
                print(f"no answer to {source[0]}:{source[1]}: {error}", flush=True)


def answers(data: bytes, url: str) -> list:
    """The messages that answer a phone's SUBSCRIBE for its profile: 200 and NOTIFY; [] for anything else."""
    try:
        request = parse(data)
        if not isinstance(request, Request) or request.method != "SUBSCRIBE" or not request.contacts:
            return []
        if not (request.get("Event") or "").lower().startswith("ua-profile"):
            return []
        tag = secrets.token_hex(8)
        accepted = Response.of(request, 200, None, tag)
        accepted.add("Expires", "0")
        notify = Request("NOTIFY", request.contacts[0].uri, None, url.encode())
        via = request.via
        notify.add("Via", f"SIP/2.0/UDP {via.host}:{via.port or 5060};branch=z9hG4bK{secrets.token_hex(8)}")
        notify.add("Max-Forwards", "1")
        notify.add("From", NameAddr(request.to.uri, None, {"tag": tag}))
        notify.add("To", request.from_)
        notify.add("Call-ID", request.call_id)
        notify.add("CSeq", CSeq(1, "NOTIFY"))
        notify.add("Event", "ua-profile")
        notify.add("Subscription-State", "terminated;reason=timeout")
        notify.add("Content-Type", "application/url")
        return [accepted.to_bytes(), notify.to_bytes()]
    except ParseError:
        return []


def serve(options) -> None:
    """Run until Ctrl-C; raises OSError where the address or a file is not available."""
    host, _, port = options.listen.rpartition(":")
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
    if not options.folder.is_dir():
        raise OSError(f"{options.folder}: there is no such folder; `make` writes one")
    server = Server((host, int(port)), options.folder, options.user, context)
    url = options.url or f"{'https' if context else 'http'}://{host}:{server.server_port}"
    print(f"phones find their settings at {url}", flush=True)
    print(f"for DNS-SD: avahi-publish -s phones _bakelite._tcp {server.server_port} url={url}", flush=True)
    if options.announce:
        threading.Thread(target=announce, args=(url,), daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


def arguments():
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    commands = parser.add_subparsers(dest="command", required=True)
    each = commands.add_parser("make", help="files for each phone of a table")
    each.add_argument("table", type=Path, help="CSV, a phone a row")
    each.add_argument("--common", type=Path, metavar="FILE", help="JSON with the settings of all phones")
    each.add_argument("--out", type=Path, default=Path("fleet"), metavar="FOLDER", help="default: fleet")
    each = commands.add_parser("serve", help="give the files out")
    each.add_argument("folder", type=Path, nargs="?", default=Path("fleet"))
    each.add_argument("--listen", default="127.0.0.1:8080", metavar="HOST:PORT", help="default: 8080 here")
    each.add_argument("--user", metavar="NAME:PASSWORD", help="what phones must prove, by digest")
    each.add_argument("--certificate", metavar="PEM", help="serve https, with this certificate (and --key)")
    each.add_argument("--key", metavar="PEM", help="private key of the certificate")
    each.add_argument("--url", help="what phones are told, where that is not the address listened on")
    each.add_argument("--announce", action="store_true", help="answer phones that ask by SIP multicast")
    commands.add_parser("password", help="a password as `web.password` takes it")
    return parser.parse_args()


def ask_password() -> str:
    chosen = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    wrong = password.wrong_choice(chosen)
    if wrong:
        raise Mistakes("the password " + wrong)
    # A fixed count: a phone, which verifies the hash, is a hundred times slower than this machine.
    return asyncio.run(password.make_hash(chosen, 4000))


def main() -> int:
    options = arguments()
    try:
        if options.command == "make":
            count = make(options.table, options.common, options.out)
            phones = "1 phone" if count == 1 else f"{count} phones"
            print(f"{phones} in {options.out}; next: tools/provision.py serve {options.out}")
        elif options.command == "serve":
            serve(options)
        else:
            print(ask_password())
    except Mistakes as mistakes:
        for line in str(mistakes).split("\n"):
            print("provision: " + line, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"provision: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
