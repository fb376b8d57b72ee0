"""The bench protocol (docs/bench.md), spoken with real processes: commands, events, and what is wrong with them."""

import json
import socket
import struct
import subprocess
import sys

import pytest

from tools.lib.bench_client import ROOT, Phone, Registrar, settings

DEAD = "127.0.0.1:9"

# (line, what the error event must say)
WRONG_LINES = (
    ("nonsense", "not JSON: nonsense"),
    ("[1]", "not an object: [1]"),
    ('"press"', "not an object"),
    ("{}", "no such command: null"),
    ('{"do":"dance"}', 'no such command: "dance"'),
    ('{"do":["press"]}', "no such command"),
    ('{"do":"' + "x" * 500 + '"}', "no such command"),
    ('{"do":"press"}', 'press: "key" must be a string'),
    ('{"do":"press","key":5}', 'press: "key" must be a string'),
    ('{"do":"press","key":"nine"}', "press: no key 'nine' on this board"),
    ('{"do":"hold_key","key":"1"}', 'hold_key: "ms" must be a whole number, 1 to 60000'),
    ('{"do":"hold_key","key":"1","ms":true}', 'hold_key: "ms" must be a whole number'),
    ('{"do":"hold_key","key":"1","ms":1e9}', 'hold_key: "ms" must be a whole number'),
    ('{"do":"hook","state":"up"}', "hook: "),
    ('{"do":"mic"}', 'mic: "wav" must be a string'),
    ('{"do":"mic","wav":"/no/such/file.wav"}', "mic: "),
    ('{"do":"mic","wav":"%s"}' % (ROOT / "LICENSE"), "mic: not a WAV file"),
    ('{"do":"record","wav":"/no/such/folder/a.wav"}', "record: "),
    ('{"do":"screenshot","png":"/no/such/folder/a.png"}', "screenshot: "),
    ('{"do":"screenshot"}', 'screenshot: "png" must be a string'),
    ('{"do":"screenshot","png":"a.png","scale":100}', 'screenshot: "scale" must be a whole number, 1 to 8'),
    ('{"do":"power","state":"on"}', 'power: "state" must be "cut"'),
    ("[" * 3000, "not JSON"),
    ("x" * 100000, "a line of more than 4096 octets"),
    ("\x00\x01é", "not JSON"),
)


@pytest.fixture(scope="module")
def phone():
    """A phone whose registrar is dead: the protocol needs none."""
    with Phone("201", settings("201", "top secret", DEAD)) as phone:
        phone.address = phone.wait("ready")["sip"]
        phone.wait("display")
        yield phone


def test_ready_tells_where_sip_is_answered(phone):
    host, port = phone.address.split(":")
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.settimeout(5)
    probe.connect((host, int(port)))
    via = "%s:%d" % probe.getsockname()
    probe.send(
        f"OPTIONS sip:201@{phone.address} SIP/2.0\r\nVia: SIP/2.0/UDP {via};branch=z9hG4bKp;rport\r\n"
        "From: <sip:t@t>;tag=1\r\nTo: <sip:201@127.0.0.1>\r\nCall-ID: p\r\nCSeq: 1 OPTIONS\r\n"
        "Content-Length: 0\r\n\r\n".encode()
    )
    assert probe.recv(4000).startswith(b"SIP/2.0 200 OK\r\n")
    probe.close()


def test_a_wrong_line_is_an_error_event_and_the_phone_lives_on(phone):
    for line, what in WRONG_LINES:
        phone.write(line)
        message = phone.wait("error")["message"]
        assert message.startswith("bench: ") and what in message and len(message) < 200, (line[:80], message)
    assert phone.state()["sip"] == phone.address


def test_keys_go_through_the_matrix_to_the_screen(phone):
    phone.keys("5")
    before = phone.wait("display")["lines"]
    phone.keys("5", "5")
    after = phone.wait("display", where=lambda event: event["lines"] != before)["lines"]
    assert after != before
    phone.keys("back", "back", "back")


def test_a_screenshot_is_the_display_pixel_by_pixel(phone, tmp_path):
    sizes = []
    for name, options in (("plain.png", {}), ("large.png", {"scale": 4})):
        phone.do("screenshot", png=str(tmp_path / name), **options)
        phone.state()
        data = (tmp_path / name).read_bytes()
        assert data.startswith(b"\x89PNG\r\n\x1a\n") and data.endswith(b"IEND\xaeB`\x82")
        sizes.append(struct.unpack(">II", data[16:24]))
    assert sizes == [(128, 64), (512, 256)]


def test_state_tells_all_there_is_but_no_secret(phone):
    state = phone.state()
    assert state["hook"] == "on" and state["calls"] == [] and "message" in state["lamps"]
    assert state["lines"][0]["line"] == 1 and isinstance(state["counters"], dict)
    assert "secret" not in json.dumps(phone.events)


def test_octets_of_any_kind_on_the_sip_port_are_survived(phone):
    host, port = phone.address.split(":")
    noise = [
        b"",
        b"\0",
        b"\r\n\r\n",
        b"x" * 9000,
        b"INVITE sip:x SIP/2.0\r\n\r\n",
        bytes(range(256)) * 20,
        b"SIP/2.0 200 OK\r\nVia: \r\n\r\n",
        b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n",
    ]
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for data in noise:
        probe.sendto(data, (host, int(port)))
    probe.close()
    for data in [*noise, b"GET / HTTP/1.0\r\n\r\n"]:
        with socket.create_connection((host, int(port)), 2) as stream:
            stream.sendall(data)
    phone.gather(0.3)
    state = phone.state()
    assert state["counters"].get("malformed", 0) >= 4
    assert not [name for name in state["counters"] if name.startswith("failed")], state["counters"]


def test_the_end_of_the_input_is_an_orderly_end(phone):
    phone._process.stdin.close()
    assert phone.ended() == 0


# ---- configuration ----


def test_a_wrong_configuration_is_told_line_by_line_and_nothing_starts(tmp_path):
    config = settings("201", "top secret", DEAD)
    config["lines"][0].update(expires=5, transport="pigeon", pin="1234")
    config["audio"] = {"volume": "loud"}
    path = tmp_path / "phone.json"
    path.write_text(json.dumps(config))
    command = [sys.executable, "tools/sim.py", "--bench", "--config", str(path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)
    mistakes = [
        "lines[0].pin: is not a setting; valid names: ",
        "lines[0].transport: must be one of: udp, tcp",
        "lines[0].expires: must be 60 to 86400",
        "audio.volume: must be a whole number",
    ]
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 2
    assert [event["event"] for event in events] == ["error"] * 4
    for mistake, event, line in zip(mistakes, events, result.stderr.splitlines()):
        assert event["message"].startswith(mistake) and line == event["message"]
    assert "secret" not in result.stdout + result.stderr


def test_a_configuration_that_cannot_be_read_says_so(tmp_path):
    for path in (tmp_path / "missing.json", tmp_path):
        command = [sys.executable, "tools/sim.py", "--bench", "--config", str(path)]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)
        assert result.returncode == 2 and str(path) in result.stderr and "Traceback" not in result.stderr


# ---- lines ----


def test_quit_unregisters_and_a_power_cut_does_not():
    with Registrar({"201": "top secret"}) as registrar:
        for end in ("quit", "power"):
            with Phone("201", settings("201", "top secret", registrar.address)) as phone:
                phone.wait("line", state="registered")
                assert len(registrar.wait("binding", where=lambda event: event["contacts"])["contacts"]) == 1
                if end == "quit":
                    assert phone.quit() == 0
                    assert registrar.wait("binding")["contacts"] == []
                else:
                    phone.do("hold_key", key="1", ms=60000)
                    phone.do("power", state="cut")
                    phone.ended(2)
                    assert registrar.gather(0.5) == []


def test_a_wrong_password_is_told_in_words_and_never_shown():
    with (
        Registrar({"201": "top secret"}) as registrar,
        Phone("201", settings("201", "wrong secret", registrar.address)) as phone,
    ):
        assert phone.wait("line", state="failed")["reason"] == "Wrong user or password"
        assert "secret" not in json.dumps(phone.events)
