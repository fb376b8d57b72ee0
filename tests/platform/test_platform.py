"""One suite of behaviour, two implementations: the ESP32 port's own C (docs/ported.md) and the stand-ins of hal/sim.

behaviour/ says what a firmware may rely on and what it must fear. Where the two differ the stand-in is wrong.
"""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.mirror import ROOT, SEARCH_PATH
from support.require import missing
from tools import build_micropython
from tools.lib import partitions

HERE = Path(__file__).resolve().parent
TIMEOUT_S = 60
CHIPS = ("esp32", "esp32s3")

# Where a stand-in is known to differ from the port: to be mended, and then to be struck off here.
KNOWN: dict = {}

_CHIP = re.compile(r"^# chip: (\w+)$", re.MULTILINE)
_PORT_ONLY = re.compile(r"^# port only: \S", re.MULTILINE)


def behaviours():
    """(file, test, chip, implementation) of everything in behaviour/."""
    for path in sorted((HERE / "behaviour").glob("*.py")):
        text = path.read_text()
        only = _CHIP.search(text)
        chips = [only.group(1)] if only else CHIPS if path.stem == "i2s" else CHIPS[1:]
        kinds = ["port"] if _PORT_ONLY.search(text) else ["port", "stand-ins"]
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for chip in chips:
                    for kind in kinds:
                        known = [*KNOWN.get(path.stem, []), *KNOWN.get(f"{path.stem} {chip}", [])]
                        differs = kind != "port" and node.name[len("test_") :] in known
                        yield pytest.param(
                            path.stem,
                            node.name,
                            chip,
                            kind,
                            id=f"{path.stem}-{node.name}-{chip}-{kind}",
                            marks=[pytest.mark.xfail(strict=True)] if differs else [],
                        )


def flash(folder: Path) -> Path:
    """A flash chip with two slots for apps, the first one with an image."""
    table = partitions.load(ROOT / "boards" / "esp32_poe" / "partitions.csv")
    content = bytearray(b"\xff" * (4 << 20))
    content[partitions.TABLE_OFFSET : partitions.TABLE_OFFSET + partitions.TABLE_SIZE] = partitions.binary(
        table
    )
    content[table[3].offset] = 0xE9
    path = folder / "flash.bin"
    path.write_bytes(content)
    return path


def port() -> Path:
    program = build_micropython.program(build_micropython.PORTED)
    if program is None:
        missing(
            "MicroPython with the ESP32 port's C", build_micropython.why_missing(build_micropython.PORTED)
        )
    return program


def run(command, environment) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        env=dict(os.environ, **environment),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=TIMEOUT_S,
    )


def on_port(script, tmp_path, chip="esp32s3", model="") -> "subprocess.CompletedProcess[str]":
    """Run `script`, a list of arguments, on the port's code."""
    settings = f"chip={chip},flash={flash(tmp_path)},flash_size=4m,nvs={tmp_path}/nvs" + model
    path = f"{ROOT}/tools/esp32_port/modules:{ROOT}/firmware:{ROOT}:.frozen"
    return run([port(), *script], {"ESP32_MODEL": settings, "MICROPYPATH": path})


def test_the_firmware_sets_no_socket_option_that_the_port_lacks():
    """Of IP_TOS the port makes OSError(109): behaviour/sockets.py, test_options_that_are_not_there."""
    found = set()
    for path in (ROOT / "firmware").rglob("*.py"):
        found |= set(re.findall(r"setsockopt\(([^)]*)\)", path.read_text()))
    assert found == {"socket.SOL_SOCKET, socket.SO_REUSEADDR, 1"}


def test_a_watchdog_that_is_not_fed_resets_the_chip(tmp_path):
    script = "import umachine, time\numachine.WDT(timeout=300)\ntime.sleep(20)"
    ended = on_port(["-c", script], tmp_path)
    assert ended.returncode == 75 and "Task watchdog got triggered" in ended.stdout


def test_nvs_keeps_what_was_committed_before_the_power_failed(tmp_path):
    write = "import esp32\nn = esp32.NVS('n')\nn.set_i32('a', 1)\n%s\nn.set_i32('b', 2)"
    read = "import esp32\nn = esp32.NVS('n')\nfor key in 'ab':\n try: print(n.get_i32(key))\n except OSError: print('-')"
    assert on_port(["-c", write % "n.commit()"], tmp_path).returncode == 0
    assert on_port(["-c", read], tmp_path).stdout.split() == ["1", "-"]


def test_writing_over_the_running_app_resets_the_chip(tmp_path):
    script = "import esp32\nesp32.Partition(esp32.Partition.RUNNING).writeblocks(0, bytes(4096))"
    assert on_port(["-c", script], tmp_path).returncode == 75


def test_a_new_app_is_on_trial_and_given_up_unless_it_says_it_works(tmp_path):
    start = flash(tmp_path)
    label = "from esp32 import Partition as P\nprint(P(P.RUNNING).info()[4])"
    choose = (
        label + "\ns = P(P.RUNNING).get_next_update()\ns.writeblocks(0, b'\\xe9' + bytes(4095))\ns.set_boot()"
    )

    def boot(script):
        settings = f"flash={start},flash_size=4m"
        return run([port(), "-c", script], {"ESP32_MODEL": settings}).stdout.split()

    assert boot(choose) == ["ota_0"]
    assert boot(label) == ["ota_1"]
    assert boot(label) == ["ota_0"]
    assert boot(choose) == ["ota_0"]
    assert boot(label + "\nP.mark_app_valid_cancel_rollback()") == ["ota_1"]
    assert boot(label) == ["ota_1"]


def test_a_heap_that_grows_leaves_nothing_to_the_system(tmp_path):
    """Each area doubles the heap; the last takes all of IDF's memory, and then no stream can start."""
    script = """
import gc, esp32
print(gc.mem_alloc() + gc.mem_free())
keep = []
try:
    while True:
        keep.append(bytearray(2000))
except MemoryError:
    pass
print(esp32.idf_heap_info(esp32.HEAP_DATA)[-1][2])
from umachine import I2S
try:
    I2S(0, sck=1, ws=2, sd=3, mode=I2S.RX, bits=16, format=I2S.MONO, rate=16000, ibuf=8192)
except OSError as error:
    print(error.args)
"""
    ended = on_port(["-c", script], tmp_path, "esp32", ",heap=230k")
    lines = ended.stdout.splitlines()
    assert 200000 < int(lines[0]) < 230000, lines
    assert int(lines[1]) < 8192, lines
    assert lines[2] == "(12, 'ESP_ERR_NO_MEM')", lines


def test_the_main_task_has_a_stack_of_16_kb(tmp_path):
    script = """
def deep(n):
    try:
        return deep(n + 1)
    except RuntimeError as error:
        print(error)
        return n
print(deep(0))
"""
    shallow = on_port(["-c", script], tmp_path).stdout.split("\n")
    deep = on_port(["-c", script], tmp_path, model=",stack=64k").stdout.split("\n")
    assert shallow[0] == "maximum recursion depth exceeded"
    assert 3 * int(shallow[1]) < int(deep[1])


@pytest.mark.parametrize(("file", "test", "chip", "kind"), list(behaviours()))
def test_behaviour(file, test, chip, kind, tmp_path):
    if kind == "port":
        # The test and the stand-ins are compiled first, which takes more stack and memory than a chip has.
        script = [HERE / "runner.py", "chip_port", HERE, file, test]
        ended = on_port(script, tmp_path, chip, ",stack=40k,heap=300k")
    else:
        path = os.pathsep.join(str(ROOT / folder) for folder in SEARCH_PATH)
        command = [sys.executable, HERE / "runner.py", "chip_standin", HERE, file, test]
        ended = run(command, {"PYTHONPATH": path, "CHIP": chip})
    assert "@@ passed" in ended.stdout and ended.returncode == 0, ended.stdout
