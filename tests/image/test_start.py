"""From the tree to a phone that is registered: built, written with esptool, read back, mounted and started."""

import json
import queue
import subprocess
import sys
import threading
import time

import pytest

from support import esp_firmware
from support.mirror import ROOT
from support.mock_chip import MockChip
from support.require import missing, require_native
from tools import build_micropython, image
from tools.lib import partitions
from tools.lib.bench_client import settings

SCRIPT = ROOT / "tests" / "image" / "start_from_flash.py"


def lines_of(process):
    """What it prints, as it comes: a queue of lines, None at the end."""
    lines = queue.Queue()

    def read():
        for line in process.stdout:
            lines.put(line.rstrip("\n"))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def wait_for(lines, word, seen, seconds=30):
    end = time.monotonic() + seconds
    while True:
        try:
            line = lines.get(timeout=max(0.01, end - time.monotonic()))
        except queue.Empty:
            pytest.fail("not in time: %s\n%s" % (word, "\n".join(seen)))
        if line is None:
            pytest.fail("it ended before: %s\n%s" % (word, "\n".join(seen)))
        seen.append(line)
        if word in line:
            return line


@pytest.fixture
def pbx():
    command = [
        sys.executable,
        ROOT / "tools" / "pbx.py",
        "--json",
        "--listen",
        "127.0.0.1:0",
        "--user",
        "201:secret",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    yield json.loads(process.stdout.readline())["sip"]
    process.kill()
    process.communicate()


def test_a_phone_starts_from_what_was_flashed_and_registers(pbx, tmp_path):
    program = build_micropython.program(32)
    if program is None:
        missing("32-bit MicroPython", build_micropython.why_missing(32))
    require_native("x86")
    document = settings("201", "secret", pbx)
    document["network"]["wifi"] = {"ssid": "bakelite"}
    made = image.Image("sim", data=[("phone.json", json.dumps(document).encode())])
    image.write(made, tmp_path / "image", esp_firmware.release("esp32s3"))
    vfs = partitions.file_system(made.table)
    with MockChip("esp32s3", 4) as mock:
        written = subprocess.run(
            [
                sys.executable,
                ROOT / "tools" / "flash.py",
                "sim",
                "--port",
                mock.port,
                "--image",
                tmp_path / "image",
            ],
            capture_output=True,
            text=True,
        )
        assert written.returncode == 0, written.stdout + written.stderr
        # The table as the boot loader would find it says where the file system is.
        found = partitions.file_system(partitions.read(mock.read(0x8000, 0xC00, tmp_path / "table.bin")))
        assert (found.offset, found.size) == (vfs.offset, vfs.size)
        used = mock.read(found.offset, len(made.file_system.octets), tmp_path / "vfs.bin")
    flash = tmp_path / "flash.bin"
    flash.write_bytes(used.ljust(found.size, b"\xff"))

    command = [program, "-X", "heapsize=1m", SCRIPT, flash, "0", str(found.size), ROOT]
    phone = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/")
    seen = []
    try:
        lines = lines_of(phone)
        wait_for(lines, "network up", seen)
        wait_for(lines, "registered", seen)
    finally:
        phone.kill()
        phone.communicate()
    assert not [line for line in seen if "slow" in line or "Traceback" in line], seen
    assert any(line.startswith("display: ") and "201" in line for line in seen), seen
