#!/usr/bin/env python3
"""A registrar and proxy for a handful of phones, on UDP, TCP and TLS: for the simulator, and usable alone.

    tools/pbx.py --user 201:secret --user 202:secret --listen 192.0.2.10:5060

Phones register as sip:201@192.0.2.10 and call each other by number. A file (--config) may hold a dial plan,
gateways, and who may call whom (docs/pbx.md). Exit codes: 0 after Ctrl-C or SIGTERM, 1 if the address is not
available, 2 for a mistake in the arguments or in the file.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.lib import host_path

host_path.use(host_path.FIRMWARE)

import compat
from hal.sim import tap
from net.resolver import Resolver
from net.signalling import Signalling
from net.tls import Tls
from sip import digest
from sip.endpoint import Endpoint
from sip.server.proxy import Proxy
from sip.server.registrar import Registrar, accounts
from sip.syntax.grammar import ParseError, format_host, host_port
from sip.syntax.uri import parse as parse_uri
from tools.lib import pbx_rules
from tools.lib.terminal import printable

ALGORITHMS = {"md5": ["MD5"], "sha-256": ["SHA-256"], "both": ["SHA-256", "MD5"]}
DEFAULTS = {
    "listen": "127.0.0.1:5060",
    "advertise": "",
    "domains": [],
    "realm": "",
    "algorithm": "both",
    "users": {},
    "open": False,
    "record_route": True,
    "min_expires": 60,
    "max_expires": 7200,
    "flow_timer": 0,
    "tls_certificate": "",
    "tls_key": "",
    "tls_ca": "",
    "tls_port": 0,
    "dns": [],
    "gateways": {},
    "dial_plan": [],
    "policy": [],
    "edges": {},
}
MAX_CONNECTIONS = 256
MAX_SIZE = 65535


class Mistakes(Exception):
    """The mistakes in the configuration, a line for each."""


def check(given: dict) -> dict:
    """The configuration with its defaults filled in; raises Mistakes, which name no password."""
    wrong = []
    config: dict = dict(DEFAULTS)
    for key, value in given.items():
        if key not in DEFAULTS:
            wrong.append(f"{key}: no such setting")
        elif type(value) is not type(DEFAULTS[key]):
            wrong.append(f"{key}: must be {_kind(DEFAULTS[key])}")
        else:
            config[key] = value
    if not wrong:
        wrong += pbx_rules.mistakes(config)
    if bool(config["tls_certificate"]) != bool(config["tls_key"]):
        wrong.append("tls_key: a certificate and its key are needed, both")
    if config["tls_ca"] and not config["tls_certificate"]:
        wrong.append("tls_certificate: is missing")
    if not 0 <= config["tls_port"] < 65536:
        wrong.append("tls_port: must be a port, or 0 for the one after the other")
    if config["flow_timer"] and not 10 <= config["flow_timer"] <= 3600:
        wrong.append("flow_timer: must be 10 to 3600 seconds, or 0")
    if config["algorithm"] not in ALGORITHMS:
        wrong.append("algorithm: must be one of " + ", ".join(ALGORITHMS))
    try:
        host, port = host_port(config["listen"])
        config["address"] = host, 5060 if port is None else port
    except ParseError:
        wrong.append("listen: must be HOST or HOST:PORT")
    try:
        config["servers"] = [(host, port or 53) for host, port in map(host_port, config["dns"])]
    except (ParseError, TypeError, AttributeError):
        wrong.append("dns: must be addresses of DNS servers")
    if config["advertise"] == "" and config["listen"].startswith(("0.0.0.0", "[::]")):
        wrong.append("advertise: phones need an address of this machine when it listens on all of them")
    for name, password in config["users"].items():
        if not name or not (password is None or isinstance(password, str) and password):
            wrong.append(f"users.{name}: must be a password, or null where none is needed")
    if not all(isinstance(domain, str) and domain for domain in config["domains"]):
        wrong.append("domains: must be names")
    if not config["users"] and not config["open"] and not config["edges"]:
        wrong.append("users: nobody could register; name some, or let anybody in with open")
    if not 0 < config["min_expires"] <= config["max_expires"]:
        wrong.append("min_expires: must be between 1 and max_expires")
    if wrong:
        raise Mistakes("\n".join(wrong))
    return config


def _kind(value):
    names = {str: "a text", bool: "true or false", int: "a number", list: "a list", dict: "an object"}
    return names[type(value)]


class Pbx:
    """Registrar and proxy on real sockets, all of them in `signalling`, whose `observers` see every byte.

    `tell(event)` gets dicts: {"event": "binding", "user": …, "contacts": […]} and {"event": "error", …}.
    """

    registrar: Registrar
    proxy: Proxy

    def __init__(self, config: dict, tell=lambda event: None):
        self.config = config
        self.tell = tell
        self.endpoint = Endpoint(
            compat.urandom,
            {},
            server_header="Bakelite-PBX",
            max_transactions=5000,
            max_connections=MAX_CONNECTIONS,
        )
        self.endpoint.on_error = lambda error: self._fault("sip", error)
        self.endpoint.answers_stun = True
        self._tls = self._own_tls()
        self.signalling = Signalling(
            self.endpoint,
            Resolver(config["servers"]),
            fault=self._fault,
            make_tls=lambda: self._tls,
            is_needed=lambda peer: self.registrar.uses(peer),
        )

    def _own_tls(self):
        """The net.tls.Tls for the configured certificate, None without a certificate; raises Mistakes."""
        octets = []
        for name in ("tls_ca", "tls_certificate", "tls_key"):
            try:
                octets.append(Path(self.config[name]).read_bytes() if self.config[name] else b"")
            except OSError as error:
                raise Mistakes(f"{name}: {error}") from None
        if not self.config["tls_certificate"]:
            return None
        try:
            return Tls(octets[0], octets[1], octets[2], asks=bool(self.config["tls_ca"]))
        except ValueError as error:
            raise Mistakes(f"tls_certificate: {error}") from None

    def open(self) -> dict:
        """Bind; returns the addresses listened on: {"sip": "host:port"}, and "tls" too. Raises OSError."""
        host, port = self.config["address"]
        secure = self._tls is not None
        self.signalling.open(host, port, MAX_CONNECTIONS, MAX_SIZE, secure, self.config["tls_port"])
        host, port = self.signalling.address
        own = self.config["advertise"] or host
        self.endpoint.local.update(udp=(own, port), tcp=(own, port))
        places = {"sip": f"{format_host(host)}:{port}"}
        if secure:
            self.endpoint.local["tls"] = (own, self.signalling.secure_port)
            places["tls"] = f"{format_host(host)}:{self.signalling.secure_port}"
        domains = self.config["domains"] or [own, host, *(["localhost"] if host == "127.0.0.1" else [])]
        users, authenticator = accounts(
            self.config["users"],
            self.config["realm"] or domains[0],
            compat.urandom,
            ALGORITHMS[self.config["algorithm"]],
        )
        self.registrar = Registrar(
            self.endpoint,
            domains,
            None if self.config["open"] else users,
            authenticator,
            min_expires=self.config["min_expires"],
            max_expires=self.config["max_expires"],
            default_expires=min(3600, self.config["max_expires"]),
            date=lambda: time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime()),
        )
        self.registrar.on_change = self._on_change
        self.registrar.flow_timer = self.config["flow_timer"]
        self.proxy = Proxy(self.endpoint, self.registrar, self.config["record_route"])
        self._set_rules()
        return places

    def _set_rules(self):
        config, proxy = self.config, self.proxy
        if config["dial_plan"]:
            proxy.plan = pbx_rules.DialPlan(config["dial_plan"], config["gateways"], proxy.targets_of)
        if config["policy"]:
            proxy.policy = pbx_rules.Policy(config["policy"])
        proxy.edges = {name: text and parse_uri(text) for name, text in config["edges"].items()}
        peers = [text for text in (*config["gateways"].values(), *config["edges"].values()) if text]
        proxy.trusted = tuple(parse_uri(text).host for text in peers)

    async def run(self) -> None:
        """Serve until cancelled."""
        tasks = [asyncio.create_task(function(), name=name) for name, function in self.signalling.tasks()]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            self.signalling.close()

    def _on_change(self, name):
        contacts = [str(binding.uri) for binding in self.registrar.lookup(name)]
        self.tell({"event": "binding", "user": name, "contacts": contacts})

    def _fault(self, where, error):
        self.tell({"event": "error", "message": f"{where}: {type(error).__name__}: {error}"})


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    option = parser.add_argument
    option("--config", metavar="FILE", help="JSON with any of: " + ", ".join(DEFAULTS))
    option("--listen", metavar="HOST:PORT", help="address for UDP and TCP (default 127.0.0.1:5060)")
    option("--advertise", metavar="HOST", help="address that phones reach, when --listen is 0.0.0.0")
    option("--domain", action="append", metavar="NAME", help="host of users' addresses; repeat for more")
    option("--user", action="append", metavar="NAME[:PASSWORD]", help="a user; repeat for more")
    option("--open", action="store_true", default=None, help="anybody may register and call")
    option("--realm", help="realm of the challenges (default: the domain)")
    option("--algorithm", choices=list(ALGORITHMS), help="digest (default both)")
    option("--json", action="store_true", help="one JSON object a line on stdout")
    option("--verbose", action="store_true", help="show the first line of every message")
    option("--pcap", metavar="FILE", help="record what it sends, for Wireshark")
    option("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"), help="listen for TLS too, with these PEM files")
    option("--tls-port", type=int, metavar="PORT", help="where (default: the port after the other)")
    option("--tls-ca", metavar="FILE", help="ask phones for certificates, which must lead to one of these")
    option("--held", action="store_true", help="end when standard input does: with the program that holds it")
    return parser.parse_args()


def configuration(options) -> dict:
    """The configuration of the file, overridden by the command line; raises Mistakes."""
    given = {}
    if options.config:
        try:
            given = json.loads(Path(options.config).read_text())
        except (OSError, ValueError) as error:
            raise Mistakes(f"{options.config}: {error}") from None
        if not isinstance(given, dict):
            raise Mistakes(f"{options.config}: must be a JSON object")
    if options.tls:
        given["tls_certificate"], given["tls_key"] = options.tls
    for key in ("listen", "advertise", "open", "realm", "algorithm", "tls_port", "tls_ca"):
        if getattr(options, key) is not None:
            given[key] = getattr(options, key)
    if options.domain:
        given["domains"] = options.domain
    users = given.setdefault("users", {})
    for user in options.user or []:
        name, colon, password = user.partition(":")
        if isinstance(users, dict):
            users[name] = password if colon else None
    return check(given)


def teller(as_json):
    """A function that prints events, as JSON or for people."""

    def tell(event):
        if as_json:
            text = json.dumps(event)
        elif event["event"] == "ready":
            tls = f"; TLS at {event['tls']}" if "tls" in event else ""
            text = "registrar and proxy at " + event["sip"] + ", UDP and TCP" + tls
        elif event["event"] == "binding":
            text = event["user"] + ": " + (", ".join(event["contacts"]) or "not registered any more")
        elif event["event"] == "message":
            text = event["text"]
        else:
            text = "error: " + event["message"]
        print(text if as_json else printable(text), flush=True)

    return tell


def shower(tell):
    """An observer of Signalling that shows the first line of every message."""

    def show(sent, data, peer, transport):
        line = bytes(data).split(b"\r\n", 1)[0].decode("utf-8", "replace")
        if line.strip():
            arrow = "->" if sent else "<-"
            text = f"{arrow} {peer[0]}:{peer[1]} {transport} {line}"
            peer = f"{peer[0]}:{peer[1]}"
            tell({"event": "message", "sent": sent, "peer": peer, "line": line, "text": text})

    return show


async def serve(pbx, held: bool) -> None:
    """Run until SIGINT or SIGTERM; when `held`, also until standard input ends."""
    task = asyncio.ensure_future(pbx.run())
    loop = asyncio.get_running_loop()
    if held:
        loop.add_reader(0, lambda: os.read(0, 4096) or task.cancel())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        pass


def main() -> int:
    options = arguments()
    tell = teller(options.json)
    try:
        pbx = Pbx(configuration(options), tell)
    except Mistakes as mistakes:
        for line in str(mistakes).split("\n"):
            print("pbx: " + line, file=sys.stderr)
        return 2
    if options.verbose:
        pbx.signalling.observers.append(shower(tell))
    if options.pcap:
        tap.Tap(options.pcap).watch(pbx.signalling)

    async def run():
        tell({"event": "ready", **pbx.open()})
        await serve(pbx, options.held)

    try:
        asyncio.run(run())
    except (OSError, digest.MissingAlgorithm) as error:
        print(f"pbx: cannot listen on {pbx.config['listen']}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
