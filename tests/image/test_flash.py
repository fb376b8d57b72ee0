"""`make flash`: the real esptool and a chip's loader that is not there (esp32-mock-bootloader)."""

import json
import shutil
import subprocess
import sys

import pytest

from support import esp_firmware
from support.check import raises
from support.mirror import ROOT
from support.mock_chip import WORN, MockChip
from tools import flash, image

# One board for each chip.
from tools.lib import application

# One board for each chip.
BOARDS = {"esp32": "esp32_wrover", "esp32s3": "esp32s3_devkit", "esp32c3": "esp32c3_mini"}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """{board: folder of its image}."""
    folders = {}
    for chip, board in BOARDS.items():
        folders[board] = tmp_path_factory.mktemp(board)
        image.write(image.Image(board, native=False), folders[board], esp_firmware.release(chip, board=board))
    return folders


def run(board, port, folder, *options):
    command = [sys.executable, ROOT / "tools" / "flash.py", board, "--image", folder, *options]
    return subprocess.run([*command, *(["--port", port] if port else [])], capture_output=True, text=True)


@pytest.mark.parametrize("chip", BOARDS)
def test_what_is_read_back_is_what_was_built(chip, images, tmp_path):
    board = BOARDS[chip]
    built = (images[board] / f"bakelite-{board}.bin").read_bytes()
    with MockChip(chip, application.papers(board)["flash_mib"]) as mock:
        result = run(board, mock.port, images[board])
        assert result.returncode == 0, result.stdout + result.stderr
        assert ("names no PSRAM" in result.stdout) == (chip == "esp32s3")
        assert "100.0%" in result.stdout and "make repl PORT=" + mock.port in result.stdout
        whole, commands = mock.dump(tmp_path / "flash.bin")
        assert whole[: len(built)] == built and set(whole[len(built) :]) <= {0xFF} and commands > 0
        assert mock.read(0x8000, 0xC00, tmp_path / "read.bin") == built[0x8000:0x8C00]


@pytest.mark.parametrize("chip", BOARDS)
def test_nothing_is_written_on_a_wrong_chip_or_into_too_small_a_flash(chip, images, tmp_path):
    board = BOARDS[chip]
    needed = application.papers(board)["flash_mib"]
    other = "esp32" if chip != "esp32" else "esp32s3"
    for actual, flash_mib, word in ((other, 16, f"this is {other}"), (chip, needed // 2, "MB, and")):
        with MockChip(actual, flash_mib) as mock:
            result = run(board, mock.port, images[board])
            assert (
                result.returncode == 1 and word in result.stderr and "Nothing was written" in result.stderr
            ), result
            whole, commands = mock.dump(tmp_path / "flash.bin")
            assert set(whole) == {0xFF} and commands == 0


def test_the_port_with_the_right_chip_is_found(images, capfd):
    board = BOARDS["esp32c3"]
    with MockChip("esp32", 4) as first, MockChip("esp32c3", 4) as second, MockChip("esp32c3", 4) as third:
        assert flash.find(board, None, [first.port, "/dev/nowhere", second.port])[0] == second.port
        several = str(raises(flash.FlashError, flash.find, board, None, [second.port, third.port]))
        assert f"PORT={second.port} " in several and f"PORT={third.port} " in several
        # The only one there is looked at, and refused by what it is.
        flashed = raises(flash.FlashError, flash.flash, board, None, images[board], ports=[first.port])
        assert "this is esp32," in str(flashed)


def test_where_there_is_no_board_it_says_what_to_look_at(images):
    board = BOARDS["esp32"]
    assert "cable" in str(raises(flash.FlashError, flash.flash, board, None, images[board], ports=[]))
    assert "BOOT" in str(raises(flash.FlashError, flash.find, board, None, ["/dev/nowhere"]))


def test_an_image_that_is_not_whole_is_refused_before_a_port_is_opened(images, tmp_path):
    board = BOARDS["esp32"]
    nowhere = "/dev/nowhere"
    assert "make image" in str(raises(flash.FlashError, flash.flash, board, nowhere, tmp_path))
    for name, word in ((f"bakelite-{board}.bin", "not what was built"), ("manifest.json", "no image")):
        folder = tmp_path / name
        shutil.copytree(images[board], folder)
        octets = bytearray((folder / name).read_bytes())
        octets[len(octets) // 2] ^= 0x80
        (folder / name).write_bytes(octets)
        assert word in str(raises(flash.FlashError, flash.flash, board, nowhere, folder)), name
    assert "image for esp32_wrover" in str(
        raises(flash.FlashError, flash.flash, "esp32_poe", nowhere, images[board])
    )
    bare = tmp_path / "bare"
    image.write(image.Image(board, native=False), bare, None)
    assert "no firmware" in str(raises(flash.FlashError, flash.flash, board, nowhere, bare))


def test_beside_a_micropython_that_is_there(tmp_path):
    board = BOARDS["esp32"]
    image.write(image.Image(board, native=False), tmp_path, None)
    parts = {each["file"]: each for each in json.loads((tmp_path / "manifest.json").read_text())["outputs"]}
    with MockChip("esp32", 4) as mock:
        assert run(board, mock.port, tmp_path, "--without-firmware").returncode == 0
        whole, _ = mock.dump(tmp_path / "flash.bin")
    for name in ("partitions.bin", "vfs.bin"):
        octets = (tmp_path / name).read_bytes()
        assert whole[parts[name]["offset"] :][: len(octets)] == octets
    assert set(whole[:0x8000]) == {0xFF} and set(whole[0x10000:0x20000]) == {0xFF}


def test_a_worn_flash_is_noticed(images):
    board = BOARDS["esp32"]
    assert (images[board] / f"bakelite-{board}.bin").read_bytes()[WORN] != 0
    with MockChip("esp32", 4, worn=True) as mock:
        result = run(board, mock.port, images[board])
    assert (
        result.returncode == 1
        and "writing failed" in result.stderr
        and "MD5" in result.stderr + result.stdout
    )
    assert "What to do next" not in result.stdout
