"""MicroPython and native modules on emulated Xtensa: what the compiler's detours could have broken."""

import os
import subprocess
import sys

import pytest

from support.mirror import ROOT
from support.require import missing
from tools import build_micropython, build_native
from tools.xtensa import bare, emulator
from tools.xtensa.toolchain import ToolError, ToolMissing

HERE = ROOT / "tests" / "emulation"

# It may have to be built first.
pytestmark = pytest.mark.timeout(400)

COUNT = """
import array, counter, voice_core
voice = voice_core.new()
voice_core.start(voice, 8000, 16)
voice_core.open(voice, array.array("I", (0, 0, 0, 101, 1, 2, 3, 60, 60)))
frame, packet = array.array("h", [0] * 160), bytearray(172)
for now in range(0, 100, 20):
    before = counter.read()
    voice_core.transmit(voice, frame, packet, now)
    after = counter.read()
    print(after[0] - before[0], after[1] - before[1])
"""


@pytest.fixture(scope="module", autouse=True)
def _emulator():
    try:
        emulator.run_script(HERE / "nothing.py", timeout=300)
    except ToolMissing as error:
        missing("the emulation of Xtensa", str(error))


def run_text(tmp_path, text, **options):
    script = tmp_path / "script.py"
    script.write_text(text)
    return emulator.run_script(script, **options)


@pytest.fixture(scope="module")
def module():
    try:
        return build_native.build_module("xtensawin", quiet=True)
    except build_native.BuildError as error:
        return missing("a compiler for xtensawin", str(error))


def test_it_behaves_like_the_unix_port():
    program = build_micropython.program(32)
    if program is None:
        missing("MicroPython (32-bit)", build_micropython.why_missing(32))
    expected = subprocess.run(
        [program, HERE / "windows.py"], capture_output=True, text=True, check=True
    ).stdout
    assert expected
    assert emulator.run_script(HERE / "windows.py") == expected


def test_a_module_for_another_chip_is_refused(tmp_path):
    try:
        other = build_native.build_module("x86", quiet=True)
    except build_native.BuildError as error:
        missing("a compiler for x86", str(error))
    text = "try:\n    import voice_core\nexcept ValueError as error:\n    print(error)\n"
    assert run_text(tmp_path, text, path=[other.parent]) == "incompatible .mpy arch\n"


def test_counts_repeat_and_tell_the_module_from_the_rest(tmp_path, module):
    first, again = (run_text(tmp_path, COUNT, path=[module.parent], count=True) for _ in range(2))
    assert first == again
    for line in first.splitlines():
        native, whole = map(int, line.split())
        # 160 samples compressed, and little more on MicroPython's side than the call.
        assert 160 * 10 < native < 12000 < whole + 10000
        assert native < whole


def test_without_the_plugin_nobody_counts(tmp_path):
    with pytest.raises(ToolError, match="nobody counts"):
        run_text(tmp_path, "import counter\ncounter.read()\n")


def test_a_script_that_fails_says_where(tmp_path):
    with pytest.raises(ToolError, match=r"(?s)line 2, in <module>\nZeroDivisionError"):
        run_text(tmp_path, "x = 0\n1 // x\n")
    with pytest.raises(ToolError, match="status 7"):
        run_text(tmp_path, "import sys\nsys.exit(7)\n")


def test_counting_in_c_costs_little_itself(tmp_path):
    """Two numbers one after the other differ by the call alone; a hundred instructions more show."""
    source = tmp_path / "count.c"
    source.write_text("""#include MACHINE
static void number(uint32_t value) { if (value > 9) number(value / 10); put((char)('0' + value % 10)); }
int main(void)
{
    uint32_t before = instructions(), between = instructions();
    __asm__ volatile(".rept 100; nop; .endr");
    uint32_t after = instructions();
    number(between - before);
    put(' ');
    number(after - between);
    finish();
    return 0;
}
""")
    program = tmp_path / "count"
    bare.build([source], program, ['-DMACHINE="%s"' % bare.MACHINE])
    alone, with_more = map(int, emulator.run(emulator.command(program, count=True)).split())
    assert 0 < alone < 25
    assert abs(with_more - alone - 100) <= 2  # a register or two is moved


def test_what_is_missing_is_named():
    told = subprocess.run(
        [sys.executable, ROOT / "tools" / "emulate_xtensa.py"],
        capture_output=True,
        text=True,
        env=dict(os.environ, PATH="/nowhere"),
    )
    assert told.returncode == 1
    assert told.stderr == (
        "emulate_xtensa: sudo apt-get install binutils-xtensa-lx106 clang-22 llvm-22 make qemu-user\n"
    )
