"""A phone that is told of a STUN server: what it writes into its SDP is what that server saw."""

import json
import socket
import subprocess
import sys
import threading

from sip import stun
from support.mirror import ROOT
from tools.lib.bench_client import Phone, settings

OUTSIDE = "203.0.113.7"


class StunServer:
    """Answers as if a NAT made 10000 more of each port, and another 10000 of RTCP's."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.1)
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.ends = False
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()
        return self

    def _serve(self):
        while not self.ends:
            try:
                data, (host, port) = self.socket.recvfrom(1000)
            except TimeoutError:
                continue
            self.socket.sendto(stun.answer(data, (OUTSIDE, port + 10000 * (1 + port % 2))), (host, port))

    def __exit__(self, *_):
        self.ends = True
        self.thread.join()
        self.socket.close()


def test_the_sdp_names_the_public_addresses(tmp_path):
    command = [
        sys.executable,
        str(ROOT / "tools" / "pbx.py"),
        "--json",
        "--listen",
        "127.0.0.1:0",
        "--user",
        "201",
        "--user",
        "202",
    ]
    pbx = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = json.loads(pbx.stdout.readline())["sip"]
        with StunServer() as server:
            config = settings("201", "", address)
            del config["lines"][0]["password"]
            config["network"]["stun"] = server.address
            plain = settings("202", "", address)
            del plain["lines"][0]["password"]
            with (
                Phone("201", config, options=["--pcap", str(tmp_path / "201.pcap")]) as caller,
                Phone("202", plain) as callee,
            ):
                for phone in (caller, callee):
                    phone.wait("line", 20, state="registered")
                caller.do("hook", state="off")
                caller.keys("202#")
                callee.wait("call", state="ringing")
                caller.do("hook", state="on")
                callee.wait("call", state="ended")
                assert caller.quit() == 0
    finally:
        pbx.kill()
        pbx.communicate()
    sent = (tmp_path / "201.pcap").read_bytes()
    sdp = sent[sent.index(b"v=0\r\n") :]
    assert b"c=IN IP4 203.0.113.7\r\n" in sdp
    port = int(sdp[sdp.index(b"m=audio ") + 8 :].split(b" ")[0])
    rtcp = int(sdp[sdp.index(b"a=rtcp:") + 7 :].split(b" ")[0])
    assert rtcp == port + 1 + 10000 and port > 20000
