"""`make firmware`: MicroPython's own Makefile and makeimg.py, with an ESP-IDF that only records its commands.

No compiler for these chips' firmware is here: that it builds, nobody has seen.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.mirror import ROOT
from support.require import missing
from tools import build_micropython, firmware, image
from tools.lib import application, partitions
from tools.lib.debian import DebianError

IDF_PY = """#!%s
import json, os, sys
sys.path[:0] = [%r, %r]
from support import esp_firmware
from tools.lib import partitions
from pathlib import Path
words = sys.argv[1:]
work = Path(words[words.index("-B") + 1])
defines = dict(word.split("=", 1) for word in words if "=" in word)
board = Path(defines["MICROPY_BOARD_DIR"])
sdkconfig = dict(line.split("=", 1) for line in (board / "sdkconfig.board").read_text().splitlines() if "=" in line)
table = partitions.load(Path(sdkconfig["CONFIG_PARTITION_TABLE_CUSTOM_FILENAME"].strip('"')))
chip = os.environ["FAKE_CHIP"]
Path(os.environ["FAKE_LOG"]).write_text(json.dumps([words, defines, sdkconfig]))
for name in ("bootloader", "partition_table"):
    (work / name).mkdir(parents=True, exist_ok=True)
offset = "0x1000" if chip == "esp32" else "0x0"
(work / "sdkconfig").write_text('CONFIG_IDF_TARGET="%%s"\\nCONFIG_BOOTLOADER_OFFSET_IN_FLASH=%%s\\n' %% (chip, offset))
(work / "bootloader/bootloader.bin").write_bytes(esp_firmware.image(chip, bytes(1000)))
(work / "partition_table/partition-table.bin").write_bytes(partitions.binary(table))
content = esp_firmware.description("micropython", "v1.26.1") + bytes(int(os.environ["FAKE_SIZE"]))
(work / "micropython.bin").write_bytes(esp_firmware.image(chip, content))
"""

# As much of ESP-IDF's module as MicroPython's makeimg.py asks for.
GEN_ESP32PART = """
import sys
sys.path.insert(0, %r)
from tools.lib import partitions
APP_TYPE = 0
class PartitionTable:
    @staticmethod
    def from_binary(octets):
        found = partitions.read(octets)
        for part in found:
            part.type = part.kind
        return found
"""


@pytest.fixture
def environment(tmp_path):
    """One where ESP-IDF and MicroPython seem to be."""
    try:
        tree = build_micropython.source()
    except (build_micropython.BuildError, DebianError) as error:
        missing("MicroPython's source", str(error).splitlines()[0])
    programs, table = tmp_path / "bin", tmp_path / "idf" / "components" / "partition_table"
    programs.mkdir()
    table.mkdir(parents=True)
    (programs / "idf.py").write_text(IDF_PY % (sys.executable, str(ROOT / "tests"), str(ROOT)))
    (programs / "idf.py").chmod(0o755)
    (table / "gen_esp32part.py").write_text(GEN_ESP32PART % str(ROOT))
    return dict(
        os.environ,
        PATH="%s:%s" % (programs, os.environ["PATH"]),
        IDF_PATH=str(tmp_path / "idf"),
        MICROPYTHON=str(tree),
        FAKE_LOG=str(tmp_path / "log"),
        FAKE_OUTPUT=str(tmp_path / "firmware"),
        FAKE_SIZE="50000",
    )


def run(board, environment):
    command = [sys.executable, ROOT / "tools" / "firmware.py", board, "--output", environment["FAKE_OUTPUT"]]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def frozen_by(tree, manifest):
    """What MicroPython's own reader of manifests finds in ours."""
    sys.path.insert(0, str(tree / "tools"))
    try:
        import manifestfile
    finally:
        sys.path.pop(0)
    text = manifest.read_text().replace(
        'require("neopixel")', ""
    )  # of micropython-lib, which Debian leaves out
    copy = manifest.with_name("manifest_without_packages.py")
    copy.write_text(text)
    variables = {
        "MPY_DIR": str(tree),
        "PORT_DIR": str(tree / "ports/esp32"),
        "MPY_LIB_DIR": str(tree / "lib"),
    }
    reader = manifestfile.ManifestFile(manifestfile.MODE_FREEZE, variables)
    reader.execute(str(copy))
    copy.unlink()
    return {each.target_path for each in reader.files()}


@pytest.mark.parametrize(("board", "chip"), [("esp32_poe", "esp32"), ("esp32c3_mini", "esp32c3")])
def test_what_esp_idf_is_told_and_what_comes_of_it(board, chip, environment, tmp_path):
    result = run(board, dict(environment, FAKE_CHIP=chip))
    assert result.returncode == 0, result.stdout + result.stderr
    words, defines, sdkconfig = json.loads((tmp_path / "log").read_text())
    assert words[-1] == "build" and defines["MICROPY_BOARD"] == board
    assert Path(defines["-DUSER_C_MODULES"]) == ROOT / "firmware/native/mpy/micropython.cmake"
    definition = tmp_path / "firmware" / "board"
    frozen = frozen_by(Path(environment["MICROPYTHON"]), Path(defines["MICROPY_FROZEN_MANIFEST"]))
    assert {name for name, _ in application.sources(board)} | {
        "boot.py",
        "_boot.py",
        "asyncio/core.py",
    } <= frozen
    assert "sip/server/registrar.py" not in frozen
    assert f"set(IDF_TARGET {chip})" in (definition / "mpconfigboard.cmake").read_text()
    assert sdkconfig["CONFIG_ESPTOOLPY_FLASHSIZE_4MB"] == "y"
    assert sdkconfig["CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE"] == "y"
    assert ("CONFIG_ETH_RMII_CLK_OUT_GPIO" in sdkconfig) == (board == "esp32_poe")
    assert "ota_0" in result.stdout and "% free" in result.stdout
    # What it left goes into an image as a release of MicroPython does.
    folder = tmp_path / "firmware"
    made = image.Image(board)
    whole = made.join((folder / "firmware.bin").read_bytes())
    app = partitions.application(made.table)
    alone = (folder / "application.bin").read_bytes()
    assert whole[app.offset : app.offset + len(alone)] == alone


BOARDS = [name for name in application.boards() if name != "sim"]


def settings(port, folder):
    """(IDF_TARGET, {option: value}) that ESP-IDF is given for a board of that folder."""
    script = folder.parent / "print.cmake"
    variant = folder.parent / "variant.cmake"
    script.write_text(
        "set(MICROPY_BOARD_DIR %s)\ninclude(${MICROPY_BOARD_DIR}/mpconfigboard.cmake)\n"
        'include(%s OPTIONAL)\nmessage("TARGET ${IDF_TARGET}")\nmessage("DEF ${MICROPY_DEF_BOARD}")\n'
        'foreach(EACH ${SDKCONFIG_DEFAULTS})\nmessage("FILE ${EACH}")\nendforeach()\n' % (folder, variant)
    )
    ran = subprocess.run(["cmake", "-P", script], cwd=port, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    options, target, names = {}, "", []
    for line in ran.stderr.splitlines():
        kind, _, value = line.partition(" ")
        if kind == "TARGET":
            target = value
        elif kind == "DEF":
            assert not value or folder.name != "board", value  # the names of our header
        elif kind == "FILE":
            names.append(Path(value).name)
            text = (port / value).read_text()
            options.update(each.split("=", 1) for each in text.splitlines() if "=" in each and each[0] != "#")
    return target or "esp32", options, names


@pytest.mark.parametrize("board", BOARDS)
def test_a_board_has_every_setting_of_the_ports_own_board_but_what_we_mean_to_change(
    board, environment, tmp_path
):
    """Work-arounds, the memory's kind and speed, the flash: ESP-IDF knows them from the port's own board."""
    if shutil.which("cmake") is None:
        missing("cmake", "apt install cmake")
    port = Path(environment["MICROPYTHON"]) / "ports" / "esp32"
    paper = application.papers(board)
    model, _, variant = paper["micropython"].partition("-")
    theirs_folder = tmp_path / "theirs" / model
    shutil.copytree(port / "boards" / model, theirs_folder)
    if variant:
        shutil.copy(theirs_folder / f"mpconfigvariant_{variant}.cmake", tmp_path / "theirs" / "variant.cmake")
    ours_folder = firmware.prepare(board, tmp_path / "ours")
    target, theirs, _ = settings(port, theirs_folder)
    our_target, ours, names = settings(port, ours_folder)
    assert our_target == target == paper["mcu"]
    changed = {name for name in theirs if ours.get(name) != theirs[name]}
    meant = {
        "CONFIG_ESPTOOLPY_FLASHSIZE_4MB",
        "CONFIG_PARTITION_TABLE_CUSTOM_FILENAME",
        "CONFIG_COMPILER_OPTIMIZATION_PERF",
    }
    changed = {
        name for name in changed - meant if not name.startswith(("CONFIG_BT_", "CONFIG_ESP_DEFAULT_CPU"))
    }
    assert changed == set()
    assert not [name for name in names if "ble" in name]
    assert ours["CONFIG_LWIP_MAX_SOCKETS"] == "16" and ours["CONFIG_LWIP_IP4_REASSEMBLY"] == "y"
    fast = "160" if paper["mcu"] == "esp32c3" else "240"
    assert ours.get("CONFIG_ESP_DEFAULT_CPU_FREQ_MHZ", "160") == fast
    assert ours["CONFIG_ESPTOOLPY_FLASHSIZE_%dMB" % paper["flash_mib"]] == "y"
    if paper["mcu"] == "esp32c3":
        assert ours["CONFIG_ESP_SYSTEM_HW_STACK_GUARD"] == "n"
    header = (ours_folder / "mpconfigboard.h").read_text()
    first = "" if paper["psram"] else {"esp32_poe": "128", "esp32c3_mini": "144"}[board]
    assert re.findall(r"MICROPY_GC_INITIAL_HEAP_SIZE \((\d+) \* 1024\)", header) == [first] * bool(first)
    assert ("MICROPY_PY_NETWORK_WLAN (0)" in header) == (board == "esp32_poe")


def test_one_that_is_too_large_for_its_slot(environment):
    result = run("esp32c3_mini", dict(environment, FAKE_CHIP="esp32c3", FAKE_SIZE=str(0x1C0000)))
    assert result.returncode == 1 and "overflows" in result.stdout and "failed" in result.stderr


def test_what_is_missing_is_said_with_how_to_get_it(environment, tmp_path):
    for changed, word in (
        ({"IDF_PATH": ""}, "esp-idf.git"),
        ({"IDF_PATH": "/nowhere"}, "is no folder"),
        ({"PATH": "/usr/bin:/bin"}, "export.sh"),
        ({"MICROPYTHON": ""}, "micropython.git"),
        ({"MICROPYTHON": str(tmp_path)}, "is no checkout"),
    ):
        result = run("esp32_poe", {**environment, **changed})
        assert result.returncode == 1 and word in result.stderr and "Traceback" not in result.stderr, (
            word,
            result,
        )
    assert run("nonsense", environment).returncode == 1
