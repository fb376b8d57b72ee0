"""`make deploy` and `make repl`: the real mpremote, on MicroPython's REPL in QEMU, with LittleFS in its memory."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time

import pytest

from support.check import raises
from support.mirror import ROOT
from support.require import missing
from tools import deploy
from tools.build_micropython import BuildError
from tools.lib import application, rv32

# A disk beyond MicroPython's heap, which is empty when QEMU starts.
MOUNT = """
import uctypes, vfs
class Memory:
    octets = uctypes.bytearray_at(0x84000000, 64 * 4096)
    def readblocks(self, block, buffer, within=0):
        at = block * 4096 + within
        buffer[:] = self.octets[at:at + len(buffer)]
    def writeblocks(self, block, buffer, within=0):
        at = block * 4096 + within
        self.octets[at:at + len(buffer)] = buffer
    def ioctl(self, operation, argument):
        return {4: 64, 5: 4096}.get(operation, 0)
memory = Memory()
vfs.VfsLfs2.mkfs(memory)
vfs.mount(vfs.VfsLfs2(memory, mtime=False), "/")
"""


@pytest.fixture
def port():
    """The serial line of a MicroPython with an empty file system."""
    from mpremote.transport_serial import SerialTransport

    if shutil.which("qemu-system-riscv32") is None:
        missing("qemu-system-riscv32", "sudo apt-get install qemu-system-misc")
    try:
        program = rv32.program()
    except BuildError as error:
        missing("MicroPython for QEMU", str(error))
    command = ["pty" if word == "stdio" else word for word in rv32.QEMU]
    qemu = subprocess.Popen(
        [*command, str(program)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    try:
        path = next(word for word in qemu.stdout.readline().split() if word.startswith("/dev/"))
        transport = SerialTransport(path)
        transport.enter_raw_repl(soft_reset=False)
        transport.exec(MOUNT)
        transport.exit_raw_repl()
        transport.close()
        yield path
    finally:
        qemu.kill()
        qemu.communicate()


START = [("main.py", b"# starts a slot")]


def once(port, files):
    board = deploy.Board(port, soft_reset=False)
    try:
        return deploy.deploy(board, files, START)
    finally:
        board.close()


def on_board(port, code):
    """What the code prints there, through mpremote's own command line."""
    command = [sys.executable, "-m", "mpremote", "connect", port, "resume", "exec", code]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.replace("\r\n", "\n")


PUT = "with open(%r, 'w') as file: file.write(%r)\n"
READ = "for name in %r:\n with open(name, 'rb') as file: print(file.read())"


def test_only_what_differs_is_copied(port):
    files = [
        ("start.mpy", bytes(range(256)) * 9),
        ("sip/syntax/uri.mpy", b"one"),
        ("hal/drivers/lamp.mpy", b""),
    ]
    first = once(port, files)
    assert [path for path, _ in first.write] == [
        "/a/hal/drivers/lamp.mpy",
        "/a/sip/syntax/uri.mpy",
        "/a/start.mpy",
        "/main.py",
    ]
    again = once(port, files)
    assert (again.write, again.remove, again.same) == ([], [], 3)
    # One changed, one gone, one new; what is the owner's stays.
    on_board(
        port,
        "import os\nos.mkdir('/data')\n" + PUT % ("/data/phone.json", "mine") + PUT % ("/main.py", "own"),
    )
    files = [files[0], ("sip/syntax/uri.mpy", b"two"), ("ui/shell.mpy", b"three")]
    changed = once(port, files)
    assert [path for path, _ in changed.write] == ["/a/sip/syntax/uri.mpy", "/a/ui/shell.mpy"]
    assert changed.remove == ["/a/hal/drivers/lamp.mpy"]
    told = on_board(port, READ % (["/a/start.mpy", "/a/sip/syntax/uri.mpy", "/data/phone.json", "/main.py"],))
    assert told == "%r\nb'two'\nb'mine'\nb'own'\n" % (bytes(range(256)) * 9)
    # After an update the other slot is the one that runs.
    on_board(port, PUT % ("/slot", "b"))
    assert [path for path, _ in once(port, files).write] == [
        "/b/sip/syntax/uri.mpy",
        "/b/start.mpy",
        "/b/ui/shell.mpy",
    ]
    # It is on trial, and taken back at the next start.
    on_board(port, PUT % ("/slot", "b trial"))
    assert (once(port, files).write, once(port, files[:1]).remove) == (
        [],
        ["/a/sip/syntax/uri.mpy", "/a/ui/shell.mpy"],
    )


def test_a_full_file_system_is_said(port):
    on_board(port, "with open('/big', 'wb') as file:\n for _ in range(56): file.write(bytes(4096))")
    error = raises(deploy.DeployError, once, port, [("more.mpy", bytes(20000))])
    assert "file system is full" in str(error)
    # What was begun is cleared away by the next, which has room then.
    assert [path for path, _ in once(port, [("less.mpy", bytes(3000))]).write] == ["/a/less.mpy", "/main.py"]
    assert on_board(port, "import os\nprint(os.listdir('/a'))") == "['less.mpy']\n"


def ask(terminal, typed, answer):
    """Type until it is answered: the console takes what is typed only some time after it says so."""
    said = b""
    end = time.monotonic() + 30
    again = 0.0
    while answer not in said and time.monotonic() < end:
        if time.monotonic() > again:
            again = time.monotonic() + 3
            os.write(terminal, typed)
        if select.select([terminal], [], [], 0.2)[0]:
            said += os.read(terminal, 4096)
    assert answer in said, said


def test_the_tool_and_the_console(port, monkeypatch, capsys):
    """The tool with a part of an application, for the line is slow; then the board's REPL by hand."""
    whole = application.build("esp32s3_devkit", native=False)
    built = [each for each in whole if "/" not in each[0] or each[0].startswith("app/")]
    assert len(built) >= 6
    monkeypatch.setattr(application, "build", lambda board, native: built)
    monkeypatch.setattr(
        sys, "argv", ["deploy", "esp32s3_devkit", "--port", port, "--no-soft-reset", "--no-restart"]
    )
    for copied in (len(built) + 1, 0):
        assert deploy.main() == 0
        assert "slot a: %d copied" % copied in capsys.readouterr().out
    ours, theirs = pty.openpty()
    console = subprocess.Popen(
        [sys.executable, "-m", "mpremote", "connect", port, "repl"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    try:
        ask(ours, b"\rimport os; print(sorted(os.listdir('/')), 6 * 7)\r", b"['a', 'main.py'] 42")
        os.write(ours, b"\x1d")
        assert console.wait(10) == 0
    finally:
        console.kill()


def test_without_a_board_it_says_what_to_look_at():
    assert "no MicroPython answers" in str(raises(deploy.DeployError, deploy.Board, "/dev/nowhere"))
    command = [sys.executable, ROOT / "tools" / "deploy.py", "esp32_poe", "--port", "/dev/nowhere"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1 and "in its firmware" in result.stderr


def test_the_front_door_leads_there():
    for target, word in (
        ("deploy", "tools/deploy.py esp32_wrover --port /dev/ttyX"),
        ("repl", "connect /dev/ttyX repl"),
    ):
        told = subprocess.run(
            ["make", "-n", target, "BOARD=esp32_wrover", "PORT=/dev/ttyX"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert word in told.stdout, told.stdout
