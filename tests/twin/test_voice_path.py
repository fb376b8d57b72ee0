"""The voice path on MicroPython with the native core: nothing on the heap, datagrams whole and one by one."""

import os
import subprocess
from pathlib import Path

import pytest

from support import mirror
from support.require import missing
from tools import build_micropython, build_native
from tools.lib import host_path

PORTS = {"x86": 32, "x64": 64}


def run(architecture, script, *arguments):
    program = build_micropython.program(PORTS[architecture])
    if program is None:
        missing(
            "MicroPython (%d-bit)" % PORTS[architecture], build_micropython.why_missing(PORTS[architecture])
        )
    try:
        for name in build_native.MODULES:
            module = build_native.build_module(architecture, quiet=True, module=name)
    except build_native.BuildError as error:
        missing("a compiler for %s" % architecture, str(error))
    folders = [module.parent, *host_path.PHONE, ".frozen"]
    environment = dict(os.environ, MICROPYPATH=":".join(str(folder) for folder in folders))
    command = [str(program), "-X", "heapsize=1m", str(Path(__file__).with_name(script)), *arguments]
    return subprocess.run(
        command, cwd=mirror.ROOT, capture_output=True, text=True, env=environment, timeout=60
    )


@pytest.mark.parametrize("architecture", PORTS)
@pytest.mark.parametrize("rate", ["8000", "16000", "48000"])
def test_a_frame_each_way_allocates_nothing(architecture, rate):
    result = run(architecture, "voice_path.py", rate, "40")
    assert result.returncode == 0, result.stdout + result.stderr
    went, came, grown, errors = map(int, result.stdout.split())
    assert went >= 40 and came >= went and grown == 0 and errors == 0


@pytest.mark.parametrize("architecture", PORTS)
def test_an_encrypted_frame_each_way_allocates_nothing(architecture):
    result = run(architecture, "voice_path.py", "8000", "40", "srtp")
    assert result.returncode == 0, result.stdout + result.stderr
    went, came, grown, errors = map(int, result.stdout.split())
    assert went >= 40 and came >= 36 and grown == 0 and errors == 0


@pytest.mark.parametrize("architecture", PORTS)
def test_a_wide_frame_each_way_allocates_nothing(architecture):
    result = run(architecture, "voice_path.py", "16000", "40", "g722")
    assert result.returncode == 0, result.stdout + result.stderr
    went, came, grown, errors = map(int, result.stdout.split())
    assert went >= 40 and came >= went and grown == 0 and errors == 0


@pytest.mark.parametrize("architecture", PORTS)
def test_a_datagram_is_received_without_waiting_or_allocating(architecture):
    result = run(architecture, "datagrams.py")
    assert (result.returncode, result.stdout.strip()) == (0, "sound"), result.stdout + result.stderr


def test_an_allocation_would_be_seen():
    """The same with `recv`, which makes an object for each datagram."""
    result = run("x86", "voice_path.py", "8000", "40", "recv")
    assert result.returncode != 0 and "heap is locked" in result.stderr + result.stdout
