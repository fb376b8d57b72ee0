"""`make demo`: that it says so when the call is bad, and what it leaves when it is good."""

import subprocess
import sys
import wave

import pytest

from support.require import require_program
from tools.demo import SPEECH, Demo, Failure
from tools.lib import listen
from tools.lib.bench_client import ROOT
from tools.lib.ladder import Ladder, summary

STATS = {"sent": 300, "received": 300, "lost": 0, "late": 0, "concealed": 0}


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """The folder that a run leaves, and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "tools/demo.py", "--output", str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr
    return folder, run.stdout


def test_the_ladder_shows_the_call(result):
    lines = [line for line in result[1].splitlines() if "--" in line or "   20" in line]
    text = "\n".join(lines)
    places = [
        text.index(part) for part in ("REGISTER", "INVITE", "180 Ringing", "202 lifts", "201 hangs up", "BYE")
    ]
    assert places == sorted(places)


def test_every_state_of_each_phone_has_its_screenshot(result):
    shots = sorted(path.stem for path in result[0].glob("*.png"))
    assert shots == [
        "201-1-idle",
        "201-2-dialling",
        "201-3-calling",
        "201-4-in-call",
        "201-5-ended",
        "202-1-idle",
        "202-2-incoming",
        "202-3-in-call",
        "202-4-ended",
    ]
    pictures = {path.read_bytes() for path in result[0].glob("201-*.png")}
    assert len(pictures) == 5


def test_wireshark_finds_the_call_in_the_capture(result):
    tshark = require_program("tshark", "tshark")
    command = [
        tshark,
        "-r",
        str(result[0] / "capture.pcap"),
        "-o",
        "udp.check_checksum:TRUE",
        "-T",
        "fields",
        "-e",
        "_ws.col.Protocol",
        "-e",
        "udp.checksum.status",
    ]
    fields = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
    protocols = [line.split("\t")[0] for line in fields]
    assert protocols.count("RTP") > 300 and protocols.count("SIP") + protocols.count("SIP/SDP") >= 20
    assert all(line.split("\t")[1] in ("1", "Good") for line in fields)


def judged(tmp_path, stats=STATS, change=None):
    """What Demo says of recordings that are the speech itself, after `change(samples)`."""
    for name, other in (("201", "202"), ("202", "201")):
        samples = [0] * 4000 + [int(sample) for sample in listen.load(SPEECH / f"{other}.wav")]
        samples = change(samples) if change else samples
        with wave.open(str(tmp_path / f"{name}-hears.wav"), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
    demo = Demo(tmp_path)
    try:
        demo._judge({"201": stats, "202": stats})
    except Failure as failure:
        return str(failure)
    return ""


def test_a_bad_call_is_not_called_good(tmp_path):
    def gap(samples):
        return samples[:12000] + [0] * 2400 + samples[14400:]

    assert judged(tmp_path) == ""
    assert "does not hear" in judged(tmp_path, change=lambda samples: [0] * len(samples))
    assert "does not hear" in judged(tmp_path, change=lambda samples: [sample // 2 for sample in samples])
    assert "does not hear" in judged(tmp_path, change=gap)
    assert "does not hear" in judged(tmp_path, change=lambda samples: samples[::-1])
    assert "lost 1.3 %" in judged(tmp_path, dict(STATS, concealed=4))
    assert "lost 100.0 %" in judged(tmp_path, {})


def test_arrows_of_the_ladder():
    drawn = []
    ladder = Ladder(["a", "b", "c"], drawn.append)
    ladder.addresses = {"1": "a", "2": "b", "3": "c"}
    ladder.message("1", "2", summary("INVITE sip:x SIP/2.0"))
    ladder.message("3", "1", summary("SIP/2.0 180 Ringing"))
    ladder.message("9", "1", "unknown")
    assert drawn == [
        "            |--------- INVITE ------->|                         |",
        "            |<------------------ 180 Ringing -------------------|",
    ]
