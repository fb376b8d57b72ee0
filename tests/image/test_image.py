"""`make image`: what is in it, that it comes out the same everywhere, and what it refuses."""

import hashlib
import json
import os
import shutil
import subprocess
import sys

import pytest

from support import esp_firmware
from support.check import raises
from support.mirror import ROOT
from support.require import require_native
from tools import image
from tools.lib import application, esp_image, littlefs_image, partitions

BOARDS = [name for name in application.boards() if name != "sim"]


def make(board, *options, root=ROOT, output):
    command = [sys.executable, root / "tools" / "image.py", board, "--output", output, *options]
    return subprocess.run(command, capture_output=True, text=True)


def copy_of_the_tree(folder):
    """The tree somewhere else, with other dates; what is built already comes with it."""
    for name in ("firmware", "hal", "boards", "tools", "pyproject.toml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(
                source,
                folder / name,
                ignore=shutil.ignore_patterns("__pycache__"),
                copy_function=shutil.copyfile,
            )
        else:
            shutil.copyfile(source, folder / name)
    shutil.copytree(ROOT / ".venv" / "phone", folder / ".venv" / "phone")
    if application.RELEASE_KEY.exists():
        (folder / "keys").mkdir(parents=True)
        shutil.copyfile(application.RELEASE_KEY, folder / "keys" / application.RELEASE_KEY.name)
    for path in folder.rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    return folder


def test_the_same_tree_makes_the_same_octets_in_another_place(tmp_path):
    firmware = tmp_path / "firmware.bin"
    firmware.write_bytes(esp_firmware.release("esp32s3"))
    copy = copy_of_the_tree(tmp_path / "a longer name of a folder")
    options = ["--micropython", firmware, "--no-native"]
    made = []
    for root, name in ((ROOT, "one"), (copy, "two")):
        result = make("esp32s3_devkit", *options, root=root, output=tmp_path / name)
        assert result.returncode == 0, result.stderr
        made.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert made[0] == made[1]
    assert sorted(made[0]) == ["bakelite-esp32s3_devkit.bin", "manifest.json", "partitions.bin", "vfs.bin"]
    # A changed source is another image.
    (copy / "firmware" / "start.py").write_text("pass\n")
    assert make("esp32s3_devkit", *options, root=copy, output=tmp_path / "two").returncode == 0
    assert (tmp_path / "two" / "vfs.bin").read_bytes() != made[0]["vfs.bin"]


def test_the_native_module_is_the_same_in_another_place(tmp_path):
    require_native("x86")
    copy = copy_of_the_tree(tmp_path / "elsewhere")
    (copy / "build" / "micropython").mkdir(parents=True, exist_ok=True)
    (copy / "build" / "micropython" / "source").symlink_to(ROOT / "build" / "micropython" / "source")
    for root, name in ((ROOT, "one"), (copy, "two")):
        result = make("sim", root=root, output=tmp_path / name)
        assert result.returncode == 0, result.stderr
    assert (tmp_path / "one" / "vfs.bin").read_bytes() == (tmp_path / "two" / "vfs.bin").read_bytes()


@pytest.mark.parametrize("board", BOARDS)
def test_each_board(board, tmp_path):
    paper = application.papers(board)
    firmware = tmp_path / "firmware.bin"
    firmware.write_bytes(
        esp_firmware.release(paper["mcu"], board=board if paper["image"] == "custom" else None)
    )
    output = tmp_path / "image"
    result = make(board, "--no-native", "--micropython", firmware, output=output)
    assert result.returncode == 0, result.stderr
    assert "vfs " in result.stdout and "make flash BOARD=" + board in result.stdout
    manifest = json.loads((output / "manifest.json").read_text())
    assert (manifest["board"], manifest["chip"], manifest["version"]) == (
        board,
        paper["mcu"],
        application.version(),
    )
    assert manifest["micropython"]["minimum"] == "1.26"
    assert manifest["micropython"]["joined"]["version"] == "v1.26.1"
    for each in manifest["outputs"]:
        octets = (output / each["file"]).read_bytes()
        assert (len(octets), hashlib.sha256(octets).hexdigest()) == (each["size"], each["sha256"])
    whole = (output / f"bakelite-{board}.bin").read_bytes()
    assert manifest["takes_updates"] or "updated by cable" in result.stdout
    table = partitions.read(whole[0x8000:0x8C00])
    assert [(part.name, part.offset, part.size) for part in table] == [
        (part["name"], part["offset"], part["size"]) for part in manifest["partitions"]
    ]
    vfs = partitions.file_system(table)
    files = littlefs_image.read(whole[vfs.offset :], vfs.size)
    assert [(path, hashlib.sha256(octets).hexdigest()) for path, octets in files] == [
        (each["path"], each["sha256"]) for each in manifest["files"]
    ]
    names = {path for path, _ in files}
    if paper["image"] == "stock":
        assert {
            "main.py",
            "a/start.mpy",
            "a/app/phone.mpy",
            "a/board.mpy",
            "a/sip/syntax/uri.mpy",
            "a/hal/drivers/storage_vfs.mpy",
        } <= names
        assert not any("registrar" in name or name.startswith("a/hal/sim") for name in names)
    else:
        assert names == set()
    # Every part of it is where the chip looks, by the word of esptool.
    base = 0x1000 if paper["mcu"] == "esp32" else 0
    assert set(whole[:base]) <= {0xFF}
    for name, offset in (("loader", base), ("application", 0x10000)):
        part = tmp_path / name
        part.write_bytes(whole[offset : offset + 0x20000 if offset else 0x8000])
        told = subprocess.run(
            [sys.executable, "-m", "esptool", "--chip", paper["mcu"], "image-info", part],
            capture_output=True,
            text=True,
        )
        assert told.returncode == 0 and "(valid)" in told.stdout, told.stdout
        assert "invalid" not in told.stdout
        if name == "loader":
            assert f"Flash size: {paper['flash_mib']}MB" in told.stdout


def test_the_settings_that_are_asked_for_are_in_it(tmp_path):
    settings, out = tmp_path / "mine.json", tmp_path / "out"
    options = ("esp32_wrover", "--no-native", "--settings", settings)
    vfs = partitions.file_system(partitions.load(ROOT / "boards/esp32_wrover/partitions.csv"))
    # Certificates in other files come with them.
    (tmp_path / "ca.pem").write_text("a certificate")
    settings.write_text('{"tls": {"ca": "ca.pem"}}')
    assert make(*options, output=out).returncode == 0
    files = dict(littlefs_image.read((out / "vfs.bin").read_bytes(), vfs.size))
    assert files["data/phone.json"] == b'{"tls": {"ca": "ca.pem"}}'
    assert files["data/ca.pem"] == b"a certificate"


def test_settings_that_are_wrong_are_in_no_image(tmp_path):
    settings = tmp_path / "mine.json"
    for document, words in (
        ('{"tls": {"ca": "no.pem"}}', "no.pem"),
        (
            '{"tls": {"ca": "-----BEGIN CERTIFICATE-----"}}',
            "tls.ca: must be PEM text: certificate 1 has no END",
        ),
        ('{"audio": {"volume": 900}}', "image: audio.volume: must be 0 to 100"),
    ):
        settings.write_text(document)
        told = make("sim", "--no-native", "--settings", settings, output=tmp_path / "out")
        assert told.returncode == 1 and words in told.stderr, told.stderr


def test_a_backup_brings_its_phone_book(tmp_path):
    backup = b'{"lines": [], "phonebook": [["Ada", "201"]]}'
    assert image.without_phonebook(backup) == (b'{"lines": []}', b'[["Ada", "201"]]')
    assert image.without_phonebook(b"{broken") == (b"{broken", None)
    assert image.without_phonebook(b"[]") == (b"[]", None)
    (tmp_path / "backup.json").write_bytes(backup)
    assert [name for name, _ in image.own_files(tmp_path / "backup.json")] == ["phone.json", "phonebook.json"]


def test_firmware_that_is_refused(tmp_path):
    made = image.Image("esp32s3_devkit", native=False)
    good = esp_firmware.release("esp32s3")
    assert len(made.join(good)) == partitions.file_system(made.table).offset + len(made.file_system.octets)
    for octets, word in (
        (esp_firmware.release("esp32"), "firmware for esp32, and the board has esp32s3"),
        (esp_firmware.release("esp32c3"), "firmware for esp32c3"),
        (esp_firmware.release("esp32s3", "v1.25.0"), "needs 1.26 or later"),
        (esp_firmware.release("esp32s3", size=0x2F0000), "only 3008"),
        (good[0x10000:], "application alone"),
        (good[:-1000], "cut short"),
        (good[:0x9000], "no application"),
        (good[:0x10400] + b"!" + good[0x10401:], "damaged"),
        (good[:0x100] + b"!" + good[0x101:], "damaged"),
        (good[:0x8004] + b"!" + good[0x8005:], "MD5"),
        (b"UF2\n" + good, "no firmware"),
        (b"", "no firmware"),
        (b"\xe9", "firmware for esp32"),
    ):
        assert word in str(raises(esp_image.ImageError, made.join, octets)), word
    firmware = tmp_path / "firmware.bin"
    firmware.write_bytes(esp_firmware.release("esp32"))
    result = make("esp32s3_devkit", "--no-native", "--micropython", firmware, output=tmp_path / "out")
    assert (
        result.returncode == 1 and "firmware for esp32," in result.stderr and "Traceback" not in result.stderr
    )
    assert not (tmp_path / "out").exists(), "nothing is left of what was refused"


def test_a_release_of_micropython_is_no_custom_firmware():
    made = image.Image("esp32_poe")
    assert "make firmware BOARD=esp32_poe" in str(
        raises(esp_image.ImageError, made.join, esp_firmware.release("esp32"))
    )
    assert made.join(esp_firmware.release("esp32", board="esp32_poe"))


def test_an_unknown_board_names_those_that_there_are(tmp_path):
    result = make("esp8266", output=tmp_path)
    assert result.returncode == 1 and "esp32s3_devkit" in result.stderr


def test_what_does_not_fit_is_said():
    error = raises(littlefs_image.FileSystemError, littlefs_image.build, [("a/big", bytes(70000))], 65536)
    assert "do not fit" in str(error)
    assert "not a name" in str(
        raises(littlefs_image.FileSystemError, littlefs_image.build, [("a//b", b"")], 65536)
    )


def test_application_that_fits_once_or_not_at_all(monkeypatch):
    for size, twice in ((900_000, True), (1_100_000, False)):
        monkeypatch.setattr(application, "build", lambda board, native, size=size: [("x", bytes(size))])
        assert image.Image("esp32_wrover").takes_updates is twice
    monkeypatch.setattr(application, "build", lambda board, native: [("x", bytes(2_100_000))])
    assert "do not fit" in str(raises(littlefs_image.FileSystemError, image.Image, "esp32_wrover"))


def test_partition_tables_that_are_refused():
    for text, word in (
        ("a, data, nvs, 0x9000, 0x1000,\nb, data, nvs, 0x9000, 0x1000,", "overlaps"),
        ("a, data, nvs, 0x8000, 0x1000,", "overlaps"),
        ("a, app, factory, 0x11000, 0x1000,", "aligned"),
        ("a, data, nvs, 0x9000, 100,", "aligned"),
        ("a, data, nonsense, 0x9000, 0x1000,", "no partition"),
        ("a, data", "no partition"),
        ("a_name_that_is_long, data, nvs, 0x9000, 0x1000,", "15"),
        ("a, data, nvs, 0x9000, 0x1000,\na, data, nvs, 0xa000, 0x1000,", "twice"),
        ("# nothing", "no partitions"),
    ):
        assert word in str(raises(partitions.PartitionError, partitions.parse, text)), text


def test_a_partition_table_in_the_octets_of_the_documentation():
    """One row as ESP-IDF's guide and its generator write it, and the MD5 row after it."""
    octets = partitions.binary(
        partitions.parse("factory, app, factory, 0x10000, 1M,".replace("1M", "0x100000"))
    )
    row = bytes.fromhex("aa50 0000 00000100 00001000") + b"factory".ljust(16, b"\0") + bytes(4)
    assert octets[:32] == row
    assert octets[32:64] == bytes.fromhex("ebeb" + "ff" * 14) + hashlib.md5(row).digest()
    assert set(octets[64:]) == {0xFF} and len(octets) == 0xC00


def test_numbers_of_releases():
    for text, number in (
        ("v1.26.1", (1, 26, 1)),
        ("1.26", (1, 26)),
        ("v1.27.0-preview.5.gabc", (1, 27, 0)),
        ("", None),
        ("nightly", None),
        ("v1", None),
        ("1.²", None),
    ):
        assert esp_image.release_number(text) == number, text
