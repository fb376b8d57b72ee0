"""The phones of real boards on the ESP32 port's own code: its sockets, Wi-Fi and I2S carry a call."""

import itertools
import os
import statistics
import struct
import subprocess

import pytest
from repo import test_boards

from support.require import missing
from support.uac import Caller
from tools import build_frozen, build_micropython
from tools.lib import esp32_port, listen
from tools.lib.bench_client import ROOT, Phone, Registrar, settings

USERS = {"201": "first secret", "202": "second secret"}
SPEECH = ROOT / "tools" / "demo" / "202.wav"


BOARDS = ("esp32s3_devkit", "esp32s3_tft", "esp32_wrover", "esp32_poe", "esp32c3_mini")
SILENT = ("esp32c3_mini",)  # has no microphone


def options(board):
    """Of tools/sim.py; the image of a board without PSRAM is built where it is not."""
    program = build_micropython.program(build_micropython.PORTED)
    if program is None:
        missing(
            "MicroPython with the ESP32 port's C", build_micropython.why_missing(build_micropython.PORTED)
        )
    if esp32_port.frozen(board):
        build_frozen.make(build_frozen.PORTED + board)
    return ["--runtime", "esp32", "--board", board]


def dial(phone, number):
    """Press its keys, each when the last is shown: on a busy host a colour display is drawn for longer than a key
    is held."""
    for count in range(1, len(number) + 1):
        phone.keys(number[count - 1])
        phone.wait(
            "display",
            30,
            lambda event, typed=number[:count]: any(line.strip() == typed for line in event["lines"]),
        )
    phone.keys("#")


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.timeout(400)  # images may have to be built
def test_the_phone_of_a_board_registers_and_calls(board, tmp_path):
    ported = options(board)
    with Registrar(USERS) as registrar:
        configs = [settings(name, USERS[name], registrar.address) for name in USERS]
        for config in configs:
            config["audio"] = {"volume": 100, "microphone_gain": 0}
        configs[0]["network"]["wifi"] = {"ssid": "bakelite"}
        with Phone("201", configs[0], options=ported) as one, Phone("202", configs[1]) as two:
            for phone in (one, two):
                phone.wait("line", 30, state="registered")
            one.do("hook", state="off")
            dial(one, "202")
            two.wait("call", 30, state="ringing")
            one.do("record", wav=str(tmp_path / "hears.wav"))
            two.do("mic", wav=str(SPEECH))
            two.do("hook", state="off")
            one.wait("call", 30, state="active")
            one.do("mic", wav=str(SPEECH))
            two.do("record", wav=str(tmp_path / "heard.wav"))
            one.gather(2.5)
            one.do("hook", state="on")
            for phone in (one, two):
                stats = phone.wait("call", 30, state="ended")["stats"]
                # A busy host is late, and of what waits meanwhile lwIP keeps six.
                assert stats["received"] > 60 and stats["lost"] <= stats["received"] // 5, (phone.name, stats)
            one.do("record", wav=None)
            two.do("record", wav=None)
            one.do("chip")
            chip = one.wait("chip", 30)
            said = test_boards.said_of_drivers(board)
            assert {name for name in said if said[name] == "ported"} <= set(chip["drivers"]), chip
            assert "failed" not in str(one.state(30)["counters"])
            two.state()
            assert one.quit() == 0 and two.quit() == 0
    # Half a second each time: the jitter buffer may move between.
    speech, half = listen.load(SPEECH), listen.RATE // 2
    pieces = [speech[start : start + half] for start in range(0, 2 * listen.RATE, half)]
    for file in ["hears.wav"] + ["heard.wav"] * (board not in SILENT):
        heard = listen.load(tmp_path / file)
        assert max(listen.find(piece, heard).likeness for piece in pieces) > 0.6, file


SCARCE = """
import gc, esp32
keep = []
try:
    while True:
        keep.append(bytearray(2000))
except MemoryError:
    pass
from umachine import I2S
I2S(0, sck=1, ws=2, sd=3, mode=I2S.RX, bits=16, format=I2S.MONO, rate=16000, ibuf=8192)
print(len(keep), esp32.idf_heap_info(esp32.HEAP_DATA)[-1][1])
"""


def test_the_heap_of_a_custom_image_leaves_memory_to_sockets_and_sound():
    """tests/platform has what MicroPython's own image does: the last area takes everything."""
    options("esp32_poe")
    program = build_frozen.make(build_frozen.PORTED + "esp32_poe")
    environment = dict(os.environ, ESP32_MODEL="chip=esp32,heap=230k", MICROPYPATH=".frozen")
    ended = subprocess.run(
        [program, "-c", SCARCE], env=environment, capture_output=True, text=True, timeout=60
    )
    kept, left = ended.stdout.split()
    assert int(kept) > 70 and 20000 < int(left) < 40000, ended


def spacing(capture, port):
    """Times in ms between the packets to that UDP port, in a capture of what a phone has sent."""
    octets, at, times = capture.read_bytes(), 24, []
    while at < len(octets):
        seconds, micros, length, _ = struct.unpack_from("<IIII", octets, at)
        if struct.unpack_from(">H", octets, at + 16 + 36)[0] == port:
            times.append(seconds * 1000 + micros / 1000)
        at += 16 + length
    return [after - before for before, after in itertools.pairwise(times)]


def test_packets_leave_every_20_ms_and_no_lookup_stops_the_phone(tmp_path):
    """In the model's time, which passes 8 times as slowly as the host's: a busy host is no busy chip.

    A name is looked up by the port's getaddrinfo, and stops the phone, only where neither the settings nor
    DHCP name a DNS server.
    """
    capture = tmp_path / "sent.pcap"
    config = settings("201", "first secret", "127.0.0.1:9", register=False)
    config["network"].update({"wifi": {"ssid": "bakelite"}, "strangers": "answer", "dns": "127.0.0.1:9"})
    with Phone("201", config, options=options("esp32s3_devkit"), pcap=capture) as phone:
        host, port = phone.wait("ready", 30)["sip"].split(":")
        phone.do("speed", slow=8)
        caller = Caller("201")
        caller.call((host, int(port)))
        phone.do("hook", state="off")
        caller.talk(60)
        phone.do("speed", times=1)
        caller.hang_up()
        phone.do("chip")
        chip = phone.wait("chip", 30)
        assert phone.quit() == 0
    apart = spacing(capture, caller.rtp_port)[5:]
    assert len(apart) > 40 and abs(statistics.mean(apart) - 20) < 0.5, apart
    # Ten in succession, so that a pause of the host's is in one row and not in all.
    rows = [statistics.pstdev(apart[at : at + 10]) for at in range(0, len(apart) - 9, 10)]
    assert statistics.median(rows) <= 2, apart
    assert chip["lookups"] == []
