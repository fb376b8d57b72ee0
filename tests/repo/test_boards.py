"""Every board folder against its chip's data sheet: pins, controllers, flash, and what its papers say."""

import ast
import csv
import importlib
import json
import re

from hal.chips import CHIPS
from hal.contract.board import Board
from hal.sim.clock import VirtualClock
from hal.sim.world import World
from support.mirror import ROOT
from tools import wiring
from tools.lib import application

NAMES = sorted(path.parent.name for path in (ROOT / "boards").glob("*/board.py"))
VERIFIED = ("simulated", "ported", "emulated", "hardware")

# Drivers whose hardware micropython-esp32 has as the port's own C (docs/ported.md): I2S and network.
PORTED = ("codec_es8311", "codec_i2s", "codec_i2s_output", "network_lan", "network_wlan", "ringer_codec")

# Roles of pins that the chip drives; all others it reads, or both.
DRIVEN = (
    "i2c_",
    "tft_",
    "key_columns",
    "mic_sck",
    "mic_ws",
    "amp_",
    "amplifiers",
    "ringer",
    "lamps",
    "pixels",
    "lan",
    "backlight",
)
# A chip's pin that only reads has no pull-up: a contact there needs a resistor of the board's own.
CONTACTS = ("hook", "key_rows", "encoder")


def module(name):
    return importlib.import_module(f"boards.{name}.board")


def papers(name):
    return json.loads((ROOT / "boards" / name / "board.json").read_text())


def pins(board):
    """[(role, pin)] of everything that a board wires, in the order of its PINS."""
    found = []
    for role, value in board.PINS.items():
        if role == "pulled_up":
            continue
        if role == "lan":
            value = value[:4]
        elif role == "pixels":
            value = sorted({pin for pin, _ in value.values()})
        elif isinstance(value, dict):
            value = value.values()
        elif isinstance(value, (int, str)):
            value = [value]
        found += [(role, pin) for pin in value]
    return found


def problems(board, paper):
    """What the chip's data sheet has against a board's PINS, one line each."""
    chip = CHIPS[paper["mcu"]]
    on_chip = [(role, pin) for role, pin in pins(board) if isinstance(pin, int)]
    found = []
    names = [pin for _, pin in pins(board)]
    found += [
        f"{pin} is used twice" for pin in sorted(set(map(str, names))) if list(map(str, names)).count(pin) > 1
    ]
    for role, pin in on_chip:
        where = f"{role}: GPIO {pin}"
        if pin not in chip.pins:
            found.append(f"{where} is not there")
        if pin in chip.flash:
            found.append(f"{where} is wired to the flash")
        if pin in chip.psram.get(paper.get("psram", ""), ()):
            found.append(f"{where} is wired to the PSRAM")
        if pin in chip.usb + chip.uart:
            found.append(f"{where} is the way in, for flashing and the console")
        if "lan" in board.PINS and pin in chip.rmii:
            found.append(f"{where} is Ethernet's")
        if pin in chip.input_only and role.startswith(DRIVEN):
            found.append(f"{where} can only be read")
        if pin in chip.input_only and role in CONTACTS and pin not in board.PINS.get("pulled_up", ()):
            found.append(f"{where} has no pull-up")
        if pin in chip.strapping and str(pin) not in paper.get("strapping", {}):
            found.append(f"{where} is sampled at reset: {chip.strapping[pin]}")
    streams = sum(role in ("mic_sd", "amp_sd") for role, _ in on_chip)
    if streams > chip.i2s:
        found.append(f"{streams} I2S streams, {chip.i2s} controllers")
    return found


def said_of_drivers(name):
    """{driver: how far it was verified} of the board's page."""
    text = (ROOT / papers(name)["docs"]).read_text()
    return dict(
        re.findall(r"^\| `(\w+)` \|.*?\| (simulated|ported|emulated|hardware) \|", text, re.MULTILINE)
    )


def partitions(name):
    rows = csv.reader(
        line for line in (ROOT / "boards" / name / "partitions.csv").open() if not line.startswith("#")
    )
    return [[field.strip() for field in row] for row in rows]


def test_no_pin_is_used_against_its_data_sheet():
    for name in NAMES:
        assert problems(module(name), papers(name)) == [], name


def test_the_check_finds_each_kind_of_mistake():
    class Wrong:
        def __init__(self, **changed):
            self.PINS = dict(module("esp32_wrover").PINS, **changed)

    for changed, word in (
        ({"hook": 22}, "twice"),
        ({"hook": 24}, "not there"),
        ({"hook": 6}, "flash"),
        ({"hook": 16}, "PSRAM"),
        ({"hook": 35}, "no pull-up"),
        ({"ringer": 35}, "only be read"),
        ({"ringer": 12}, "sampled at reset"),
        ({"ringer": 1}, "console"),
        ({"lan": (23, 18, 5, 0, 0)}, "Ethernet"),
    ):
        assert word in " ".join(problems(Wrong(**changed), papers("esp32_wrover"))), changed
    octal = problems(Wrong(hook=35), papers("esp32s3_devkit"))
    assert any("35 is wired to the PSRAM" in line for line in octal)
    two = problems(module("esp32_wrover"), dict(papers("esp32_wrover"), mcu="esp32c3"))
    assert "2 I2S streams, 1 controllers" in two


def test_no_strapping_pin_is_excused_that_is_not_used():
    for name in NAMES:
        used = {str(pin) for _, pin in pins(module(name))}
        excused = papers(name).get("strapping", {})
        assert set(excused) <= used & {str(pin) for pin in CHIPS[papers(name)["mcu"]].strapping}, name


def test_papers():
    for name in NAMES:
        paper = papers(name)
        assert paper["verified"] in VERIFIED, name
        assert (ROOT / paper["docs"]).is_file(), name
        assert getattr(module(name), "CHIP", "esp32s3") == paper["mcu"], name
        assert module(name).NAME == name
        assert (ROOT / "boards" / name / "README.md").is_file()
    for name in NAMES:
        paper = papers(name)
        assert paper["memory"] in ("psram", "internal") and (paper["memory"] == "psram") == bool(
            paper["psram"]
        )
        # Bytecode of a released image's application lies in RAM, and needs PSRAM.
        assert paper["image"] == ("stock" if paper["memory"] == "psram" else "custom"), name
        assert not paper["psram"] or paper["psram"] in CHIPS[paper["mcu"]].psram


def test_ported_is_said_of_the_drivers_on_the_ports_own_code_and_of_no_others():
    """tests/bench/test_ported.py sees that the board's phone loads them."""
    tree = ast.parse((ROOT / "tests" / "bench" / "test_ported.py").read_text())
    values = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "BOARDS"
    }
    for name in NAMES:
        assert (papers(name)["verified"] == "ported") == (name in values["BOARDS"]), name
        for driver, said in said_of_drivers(name).items():
            wanted = "ported" if name in values["BOARDS"] and driver in PORTED else "simulated"
            assert said == wanted, (name, driver)


def test_partitions_fit_the_flash_without_overlap():
    for name in NAMES:
        end = 0x9000  # after boot loader and table
        kinds = []
        for label, kind, subtype, offset, size, _ in partitions(name):
            start = int(offset, 16)
            assert start >= end and start % (0x10000 if kind == "app" else 0x1000) == 0, (name, label)
            assert int(size, 16) % 0x1000 == 0
            end = start + int(size, 16)
            kinds.append(subtype)
        assert end == papers(name)["flash_mib"] << 20, name
        wanted = ["factory"] if papers(name)["image"] == "stock" else ["ota_0", "ota_1"]
        assert [kind for kind in kinds if kind in ("factory", "ota_0", "ota_1")] == wanted
        assert "ota" in kinds or wanted == ["factory"]


def test_the_manifest_names_what_the_board_loads():
    """Nothing is missing from an image, and nothing is in it for no use."""

    def loaded(path, seen):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(("hal", "boards")):
                names = [node.module, *[f"{node.module}.{alias.name}" for alias in node.names]]
            elif isinstance(node, ast.Constant) and str(node.value).startswith("hal.drivers."):
                names = [node.value]  # loaded later, by its name
            else:
                continue
            for each in names:
                file = ROOT / (each.replace(".", "/") + ".py")
                if file.is_file() and file not in seen:
                    seen.add(file)
                    loaded(file, seen)
        return seen

    for name in NAMES:
        manifest = application.Manifest()
        manifest.include(str(ROOT / "boards" / name / "manifest.py"))
        world = World(VirtualClock(), module(name))
        board = module(name).create("/nonexistent")
        nulls = {
            type(getattr(board, device)).__module__
            for device in ("display", "keypad", "hook", "codec", "ringer", "network", "storage", "clock")
        }
        files = {
            path for path in loaded(ROOT / "boards" / name / "board.py", set()) if "/null/" not in str(path)
        }
        files |= {ROOT / (each.replace(".", "/") + ".py") for each in nulls if each.startswith("hal.null")}
        files.add(ROOT / "hal/null/lamp.py")
        listed = sorted(source for path, source in manifest.files if path != "board.py")
        assert listed == sorted(files), name
        assert isinstance(board, Board) and world.powered


def test_the_wiring_in_the_readme_is_that_of_the_pins():
    for name in NAMES:
        text = (ROOT / "boards" / name / "README.md").read_text()
        assert wiring.diagram(module(name)) in text, f"python tools/wiring.py {name}"
