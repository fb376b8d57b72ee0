"""The phones of real boards on the ESP32 port's own code: its sockets, Wi-Fi and I2S carry a call."""

import os
import subprocess

import pytest

from support.require import missing
from tools import build_frozen, build_micropython
from tools.lib import listen
from tools.lib.bench_client import ROOT, Phone, Registrar, settings

USERS = {"201": "first secret", "202": "second secret"}
SPEECH = ROOT / "tools" / "demo" / "202.wav"


# Those with PSRAM. Without it (esp32_poe, frozen into an image) a call succeeds or not, as the heap happens to
# have grown: docs/ported.md.
BOARDS = ("esp32s3_devkit", "esp32_wrover")


def options(board):
    program = build_micropython.program(build_micropython.PORTED)
    if program is None:
        missing(
            "MicroPython with the ESP32 port's C", build_micropython.why_missing(build_micropython.PORTED)
        )
    return ["--runtime", "esp32", "--board", board]


@pytest.mark.parametrize("board", BOARDS)
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
            one.keys("202#")
            two.wait("call", state="ringing")
            one.do("record", wav=str(tmp_path / "hears.wav"))
            two.do("mic", wav=str(SPEECH))
            two.do("hook", state="off")
            one.wait("call", state="active")
            one.do("mic", wav=str(SPEECH))
            two.do("record", wav=str(tmp_path / "heard.wav"))
            one.gather(2.5)
            one.do("hook", state="on")
            for phone in (one, two):
                stats = phone.wait("call", state="ended")["stats"]
                assert stats["received"] > 60 and stats["lost"] <= 3, (phone.name, stats)
            one.do("record", wav=None)
            two.do("record", wav=None)
            one.state()
            two.state()
            assert one.quit() == 0 and two.quit() == 0
    # Half a second each time: the jitter buffer may move between.
    speech, half = listen.load(SPEECH), listen.RATE // 2
    pieces = [speech[start : start + half] for start in range(0, 2 * listen.RATE, half)]
    for file in ("hears.wav", "heard.wav"):
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
