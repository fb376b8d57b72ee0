"""Outbound on the wire (RFC 5626): phones, an edge with Path and flow tokens, and a registrar behind it."""

import json
import subprocess
import sys
import time

from support.mirror import ROOT
from tools.lib.bench_client import Phone

DOMAIN = "example.test"


class Pbx:
    """tools/pbx.py with this configuration; `lines()` are the first lines of the messages so far."""

    def __init__(self, folder, name, config):
        path = folder / (name + ".json")
        path.write_text(json.dumps({"listen": "127.0.0.1:0", **config}))
        self.capture = folder / (name + ".pcap")
        self._log = folder / (name + ".log")
        with open(self._log, "w") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    str(ROOT / "tools" / "pbx.py"),
                    "--json",
                    "--verbose",
                    "--config",
                    str(path),
                    "--pcap",
                    str(self.capture),
                ],
                stdout=log,
            )
        end = time.monotonic() + 10
        while not self.events():
            assert time.monotonic() < end
            time.sleep(0.02)
        self.address = self.events()[0]["sip"]

    def events(self):
        lines = self._log.read_text().split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def lines(self):
        return [event["text"] for event in self.events() if event["event"] == "message"]

    def close(self):
        self._process.kill()
        self._process.wait()


def a_phone(user, edge, transport, options=()):
    line = {
        "aor": "sip:%s@%s" % (user, DOMAIN),
        "password": "secret",
        "transport": transport,
        "registrar": "sip:" + DOMAIN,
        "proxy": "sip:%s;lr" % edge,
    }
    config = {"lines": [line], "network": {"sip_port": 0, "rtp_port_min": 0, "rtp_port_max": 0}}
    return Phone(user, config, options=options)


def test_phones_are_reached_by_the_flows_that_they_made(tmp_path):
    registrar = Pbx(
        tmp_path,
        "registrar",
        {"domains": [DOMAIN], "users": {"201": "secret", "202": "secret"}, "flow_timer": 10},
    )
    edge = Pbx(tmp_path, "edge", {"edges": {DOMAIN: "sip:" + registrar.address}})
    try:
        with a_phone("201", edge.address, "udp") as caller, a_phone("202", edge.address, "tcp") as callee:
            for phone in (caller, callee):
                phone.wait("line", 20, state="registered")
            started = time.monotonic()
            sent = registrar.capture.read_bytes()
            assert sent.count(b"Require: outbound") == 2 and sent.count(b"Flow-Timer: 10") == 2
            assert b";ob>" in sent[sent.index(b"Path: <sip:") :].split(b"\r\n")[0]
            assert all("127.0.0.1:" in line for line in registrar.lines())
            caller.do("hook", state="off")
            caller.keys("202#")
            callee.wait("call", state="ringing", direction="in")
            callee.do("hook", state="off")
            for phone in (caller, callee):
                phone.wait("call", state="active")
            callee.do("hook", state="on")
            for phone in (caller, callee):
                phone.wait("call", state="ended")
            # The callee was called by the connection that it had opened, and by no other.
            places = {}
            for word in ("-> INVITE", "<- REGISTER"):
                arrow, method = word.split()
                wanted = [
                    line.split(" ")
                    for line in edge.lines()
                    if line.startswith(arrow) and f" tcp {method} " in line
                ]
                places[method] = {words[1] for words in wanted} - {registrar.address}
            assert places["INVITE"] == places["REGISTER"] and len(places["INVITE"]) == 1, places
            # Every 8 to 10 s each shows that its flow lives: the one by STUN, the other by two CRLF.
            time.sleep(max(0, started + 11 - time.monotonic()))
            answered = edge.capture.read_bytes()
            assert answered.count(b"\x01\x01\x00\x14\x21\x12\xa4\x42") >= 1
            for phone in (caller, callee):
                phone.do("state")
                state = phone.wait("state")
                assert state["lines"][0]["state"] == "registered" and state["counters"] == {}, state
                assert phone.quit() == 0
    finally:
        registrar.close()
        edge.close()
