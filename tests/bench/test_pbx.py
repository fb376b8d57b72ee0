"""tools/pbx.py as a program: what it says to a mistaken command line, and that it serves on UDP and TCP."""

import json
import signal
import socket
import subprocess
import sys

from support.check import raises
from support.link import new_request
from support.mirror import ROOT
from tools import pbx

PBX = [sys.executable, str(ROOT / "tools" / "pbx.py")]
GOOD = {"users": {"201": "secret"}}


def run(*arguments):
    """(exit code, stdout, stderr) of a run that ends by itself."""
    done = subprocess.run([*PBX, *arguments], capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout, done.stderr


class Running:
    """pbx in the background; `address` is where it listens."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [*PBX, "--json", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        ready = self.event()
        assert ready["event"] == "ready"
        host, _, port = ready["sip"].partition(":")
        self.address = (host, int(port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def event(self):
        return json.loads(self.process.stdout.readline())

    def stop(self, number):
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=10)
        return self.process.returncode, errors


def register(transport, port):
    request = new_request("REGISTER", "sip:127.0.0.1")
    request.set("To", "<sip:201@127.0.0.1>")
    request.insert("Via", "SIP/2.0/%s 127.0.0.1;rport;branch=z9hG4bK%s" % (transport, transport))
    request.add("Contact", "<sip:201@127.0.0.1:%d;transport=%s>" % (port, transport.lower()))
    return request.to_bytes()


def test_what_strangers_say_cannot_write_on_the_terminal(capsys):
    tell = pbx.teller(False)
    pbx.shower(tell)(
        False, "INVITE sip:\x1b]0;x\x07\x9b2J\u202egp SIP/2.0\r\n".encode(), ("192.0.2.1", 5060), "udp"
    )
    tell({"event": "binding", "user": "201", "contacts": ["sip:a\x1b[2J@h", "ü"]})
    told = capsys.readouterr().out
    assert told.isascii() is False and "\\x1b]0;x\\x07\\x9b2J\\u202egp" in told and "ü" in told
    assert not [each for each in told if not each.isprintable() and each != "\n"]


def test_a_phone_s_connection_outlives_a_crowd_of_silent_ones():
    with Running("--user", "201", "--listen", "127.0.0.1:0") as server:
        with socket.create_connection(server.address, 5) as phone:
            phone.settimeout(5)
            phone.sendall(register("TCP", phone.getsockname()[1]))
            assert phone.recv(4096).startswith(b"SIP/2.0 200")
            crowd = []
            try:
                for _ in range(300):
                    crowd.append(socket.create_connection(server.address, 5))
                    crowd[-1].sendall(b"\r\n\r\n")
                assert crowd[-1].recv(10) == b"\r\n"
                phone.sendall(b"\r\n\r\n")
                assert phone.recv(10) == b"\r\n"
            finally:
                for each in crowd:
                    each.close()


def test_every_mistake_in_the_configuration_is_told_with_its_place():
    cases = (
        ({}, "users: "),
        ({"users": {"201": ""}}, "users.201: "),
        ({"users": {"201": 7}}, "users.201: "),
        ({"users": []}, "users: must be an object"),
        ({**GOOD, "listen": "here:there"}, "listen: "),
        ({**GOOD, "listen": "0.0.0.0:5060"}, "advertise: "),
        ({**GOOD, "domains": ["a", 5]}, "domains: "),
        ({**GOOD, "algorithm": "md4"}, "algorithm: "),
        ({**GOOD, "min_expires": 100, "max_expires": 50}, "min_expires: "),
        ({**GOOD, "min_expires": "60"}, "min_expires: must be a number"),
        ({**GOOD, "record_route": 1}, "record_route: must be true or false"),
        ({**GOOD, "user": 1}, "user: no such setting"),
    )
    for given, line in cases:
        mistakes = str(raises(pbx.Mistakes, pbx.check, given)).split("\n")
        assert [each for each in mistakes if each.startswith(line)], given
    assert len(str(raises(pbx.Mistakes, pbx.check, {"a": 1, "algorithm": 2})).split("\n")) == 3
    assert "secret" not in str(raises(pbx.Mistakes, pbx.check, {**GOOD, "algorithm": "md4"}))


def test_defaults_are_filled_in():
    config = pbx.check({**GOOD, "listen": "192.0.2.1"})
    assert config["address"] == ("192.0.2.1", 5060) and config["algorithm"] == "both"
    assert pbx.check({"open": True})["users"] == {}


def test_mistakes_end_it_with_code_2(tmp_path):
    code, _, errors = run()
    assert code == 2 and errors.startswith("pbx: users: ")
    broken = tmp_path / "pbx.json"
    for text in ("{", "[]", '{"users": {"201": "x"}, "realm": 5}'):
        broken.write_text(text)
        code, output, errors = run("--config", str(broken))
        assert code == 2 and output == "" and errors.startswith("pbx: ") and "Traceback" not in errors
    code, _, errors = run("--config", str(tmp_path / "missing.json"))
    assert code == 2 and "missing.json" in errors
    assert run("--algorithm", "md4")[0] == 2


def test_an_address_that_is_taken_ends_it_with_code_1():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        code, _, errors = run("--open", "--listen", "127.0.0.1:%d" % taken.getsockname()[1])
    assert code == 1 and errors.startswith("pbx: cannot listen on 127.0.0.1:")


def test_it_serves_on_udp_and_tcp_and_ends_when_asked():
    for number in (signal.SIGINT, signal.SIGTERM):
        with Running("--user", "201", "--listen", "127.0.0.1:0") as running:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(5)
                client.sendto(register("UDP", 1111), running.address)
                assert client.recv(2000).startswith(b"SIP/2.0 200 ")
            assert running.event() == {
                "event": "binding",
                "user": "201",
                "contacts": ["sip:201@127.0.0.1:1111;transport=udp"],
            }
            with socket.create_connection(running.address, 5) as client:
                data = register("TCP", 2222)
                client.sendall(data[:100])
                client.sendall(data[100:])
                assert client.recv(2000).startswith(b"SIP/2.0 200 ")
                client.sendall(b"\r\n\r\n")
                assert client.recv(2000) == b"\r\n"
            assert len(running.event()["contacts"]) == 2
            assert running.stop(number) == (0, "")


def test_a_password_from_the_file_is_asked_for_and_never_shown(tmp_path):
    config = tmp_path / "pbx.json"
    config.write_text(json.dumps({"users": {"201": "hunter2"}, "listen": "127.0.0.1:0", "realm": "desk"}))
    with Running("--config", str(config), "--verbose") as running:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(5)
            client.sendto(register("UDP", 1111), running.address)
            answer = client.recv(2000)
        assert answer.startswith(b"SIP/2.0 401 ") and b'realm="desk"' in answer
        lines = [running.event()["line"] for _ in range(2)]
        assert lines == ["REGISTER sip:127.0.0.1 SIP/2.0", "SIP/2.0 401 Unauthorized"]
        assert "hunter2" not in repr(vars(running))
