"""Phones and a B2BUA that nobody here wrote: PJSIP (a program of ours around it), linphonec, Sippy's B2BUA."""

import json
import os
import subprocess
import sys
import threading
import time

from interop.peers import HOST, USERS, Peer, free_ports, wait_for

from support.mirror import ROOT
from support.require import missing
from tools.lib.bench_client import Program

PEERS = ROOT / ".venv" / "peers"


def require_package(name: str) -> None:
    """Skips the test that asks where `make peers` has not brought that package."""
    if not (PEERS / name).exists():
        missing(name, "make peers")


class Pjsua(Program):
    """A phone of `user` on PJSIP, at `server` ("host:port") or, without one, at its own `address`.

    It plays `wav` into each call and records what it hears to `heard`; see pjsua_phone.py for what it does.
    """

    def __init__(self, folder, user: str, wav, server=None, **options):
        require_package("pjsua2")
        folder.mkdir(parents=True, exist_ok=True)
        self.heard = folder / "heard.wav"
        port = free_ports(2)
        self.address = "%s:%d" % (HOST, port)
        options.update(user=user, wav=str(wav), heard=str(self.heard), port=port)
        if server:
            options.update(server=server, password=USERS[user])
        super().__init__(
            "pjsua", ["tests/interop/pjsua_phone.py", json.dumps(options)], log=folder / "errors"
        )
        self.wait("ready")
        if server:
            self.wait("registered", code=200)

    def do(self, what: str, **fields) -> None:
        self._process.stdin.write(json.dumps(dict(fields, do=what)) + "\n")
        self._process.stdin.flush()


class Linphone(Peer):
    """linphonec, at `server`: sound from and to files, its console on pipes. `answers`: automatically."""

    program, package = "linphonec", "linphone-cli"

    def __init__(self, folder, user: str, wav, server: str, answers: bool = True):
        super().__init__(folder)
        self.user, self.wav, self.server, self.answers = user, wav, server, answers
        self.heard = self.folder / "heard.wav"
        self._output = ""

    def __enter__(self):
        # Without the folder of its data base it does not register.
        (self.folder / ".local" / "share" / "linphone").mkdir(parents=True)
        port = free_ports(4)
        config = self.folder / "linphonerc"
        config.write_text(
            "[sip]\nsip_port=%d\nsip_tcp_port=-1\nsip_tls_port=-1\nuse_ipv6=0\n[rtp]\naudio_rtp_port=%d\n"
            "[sound]\nechocancellation=0\n[video]\nenabled=0\n[net]\nauto_net_state_mon=0\n"
            % (port, port + 2 & ~1)
        )
        self.process = subprocess.Popen(
            # Its lines come as they are printed, not when a buffer is full.
            ["stdbuf", "-oL", self.path, "-c", str(config)] + (["-a"] if self.answers else []),
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            env=dict(os.environ, HOME=str(self.folder)),
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.command("soundcard use files")
        self.command("play %s" % self.wav)
        self.command("record %s" % self.heard)
        self.command("register sip:%s@%s sip:%s %s" % (self.user, self.server, self.server, USERS[self.user]))
        try:
            wait_for(self._is_registered, 15, "linphonec to register")
        except BaseException:
            self.__exit__()
            raise
        return self

    def _is_registered(self):
        self.command("status register")
        return "registered, identity" in self._output

    def _read(self):
        for line in self.process.stdout:
            self._output += line

    def command(self, line: str) -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        time.sleep(0.1)

    def wait(self, text: str, seconds: float = 10) -> None:
        """Until its console has said `text` once more."""
        before = self._output.count(text)
        wait_for(lambda: self._output.count(text) > before, seconds, "linphonec to say " + text)

    def log_text(self) -> str:
        return self._output


class SippyB2bua(Peer):
    """Sippy's simple B2BUA: each call to `address` goes on to `next_hop` ("host:port") as a call of its own."""

    program, package = sys.executable, "python3"

    def __init__(self, folder, next_hop: str):
        require_package("sippy")
        super().__init__(folder)
        self.port = free_ports()
        self.address = "%s:%d" % (HOST, self.port)
        self.next_hop = next_hop

    def arguments(self):
        # From a program of its own: it sets its path and leaves its log in the peer's folder.
        start = (
            "import os, sys; sys.path.insert(0, %r); os.environ['SIPLOG_BEND'] = 'stderr';"
            "sys.argv = ['b2bua', '-f', '-l', %r, '-p', '%d', '-n', %r];"
            "from sippy.b2bua_simple import main_func; main_func()"
        ) % (str(PEERS), HOST, self.port, self.next_hop)
        return ["-c", start]

    def ready(self):
        import socket

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((HOST, self.port))
            except OSError:
                return True
        return False
