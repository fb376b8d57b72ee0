"""tools/release.py: the key, what it packs and signs, what it says of it, and how it serves it."""

import http.client
import stat
import subprocess
import sys
import threading
import tomllib

import pytest

from app.phone import PRODUCT, VERSION
from services.update import release as release_format
from tools import release
from tools.lib import application
from tools.release import ReleaseError

FILES = [("board.mpy", b"board"), ("release_key.mpy", b"as the image had it"), ("start.mpy", b"start" * 100)]


@pytest.fixture(scope="module")
def key():
    return release.make_key()


@pytest.fixture
def tree(monkeypatch):
    monkeypatch.setattr(application, "build", lambda board: list(FILES))


def modulus(key):
    return key.public_key().public_numbers().n


def head_of(octets, key):
    prefix = octets[: release_format.PREFIX]
    length = release_format.manifest_length(prefix)
    return release_format.read_head(
        prefix, octets[release_format.PREFIX : release_format.PREFIX + length], modulus(key)
    )


def content(octets, found):
    at = len(octets) - found.total
    files = {}
    for path, size, _ in found.files:
        files[path] = octets[at : at + size]
        at += size
    return files


def test_a_release_is_what_phones_take(key, tree):
    octets = release.release(key, "sim")
    found = head_of(octets, key)
    assert (found.board, found.kind, found.version) == ("sim", "folders", application.version())
    release_format.check_fits(found, "sim", "folders", (1, 26, 0))
    files = content(octets, found)
    assert files["start.mpy"] == b"start" * 100
    assert files["release_key.mpy"] == release.compiled(release.public_module(key), "sim")
    with pytest.raises(release_format.PackageError):
        head_of(octets, release.make_key())


def test_the_version_is_the_same_everywhere():
    pyproject = tomllib.loads((application.ROOT / "pyproject.toml").read_text())
    assert "version" not in pyproject["project"]
    assert pyproject["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "firmware.app.phone.VERSION"}
    assert application.version() == VERSION and PRODUCT == "Bakelite/" + VERSION


def test_a_release_can_bring_the_next_key(key, tree):
    following = release.make_key()
    octets = release.release(key, "sim", None, following)
    files = content(octets, head_of(octets, key))
    assert files["release_key.mpy"] == release.compiled(release.public_module(following), "sim")


def test_custom_images_are_one_file(key, tmp_path):
    with pytest.raises(ReleaseError, match="make firmware BOARD=esp32_poe"):
        release.release(key, "esp32_poe", tmp_path / "none.bin")
    (tmp_path / "application.bin").write_bytes(b"\xe9image")
    octets = release.release(key, "esp32_poe", tmp_path / "application.bin")
    found = head_of(octets, key)
    assert found.kind == "partition" and content(octets, found) == {"firmware.bin": b"\xe9image"}


def test_what_no_phone_takes_is_not_packed(key):
    named = {"version": "1", "board": "sim", "kind": "folders", "micropython": "1.26"}
    for files in (
        [(f"{n}.mpy", b"") for n in range(401)],
        [("x" * 60 + str(n), b"") for n in range(300)],
        [("x", bytes((8 << 20) + 1))],
    ):
        with pytest.raises(ReleaseError, match="more than a phone takes"):
            release.pack(key, files, **named)


def run(*arguments, **environment):
    import os

    command = [sys.executable, "tools/release.py", *map(str, arguments)]
    return subprocess.run(
        command, cwd=application.ROOT, env=dict(os.environ, **environment), capture_output=True, text=True
    )


def test_the_key_is_for_its_owner_alone_and_never_replaced(tmp_path):
    path = tmp_path / "keys" / "release.pem"
    assert run("key", "--key", path, RELEASE_PASSWORD="secret").returncode == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and b"ENCRYPTED" in path.read_bytes()
    names = {}
    exec((path.parent / "release_key.py").read_text(), names)
    assert names["MODULUS"] == modulus(release.load_key(path, b"secret"))
    again = run("key", "--key", path)
    assert again.returncode == 1 and "not replaced" in again.stderr
    for password in (None, b"wrong"):
        with pytest.raises(ReleaseError, match="RELEASE_PASSWORD"):
            release.load_key(path, password)
    missing = run("pack", "sim", "--key", tmp_path / "none.pem")
    assert missing.returncode == 1 and "tools/release.py key" in missing.stderr


def test_show_tells_what_is_broken(key, tree, tmp_path):
    octets = release.release(key, "sim")
    path, pem = tmp_path / "sim.release", tmp_path / "key.pem"
    from cryptography.hazmat.primitives import serialization as form

    pem.write_bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))
    path.write_bytes(octets)
    done = run("show", path, "--key", pem)
    assert done.returncode == 0 and "for sim (folders)" in done.stdout and "signed by our key" in done.stdout
    assert "broken" not in done.stdout.lower()
    path.write_bytes(octets[:-1] + b"x")
    done = run("show", path, "--key", pem)
    assert done.returncode == 1 and "build it again" in done.stderr
    assert "BROKEN: 1 of " in done.stdout.split("\n")[0] and "start.mpy  (broken)" in done.stdout
    for cut in (octets[:-5], octets + b"x"):
        path.write_bytes(cut)
        done = run("show", path, "--key", pem)
        assert done.returncode == 1 and "BROKEN" in done.stdout.split("\n")[0]
    path.write_bytes(octets[:100] + b"x" + octets[101:])
    assert "signature is invalid" in run("show", path, "--key", pem).stderr


def test_the_server_knows_etags_and_gives_nothing_else_away(tmp_path):
    (tmp_path / "sim.release").write_bytes(b"release")
    (tmp_path / "release.pem").write_bytes(b"private")
    web = release.server(tmp_path, "127.0.0.1")
    threading.Thread(target=web.serve_forever, daemon=True).start()

    def get(path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", web.server_address[1], timeout=5)
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response, body

    try:
        response, body = get("/sim.release")
        assert (response.status, body, response.getheader("Content-Length")) == (200, b"release", "7")
        tag = response.getheader("ETag")
        assert get("/sim.release", **{"If-None-Match": tag})[0].status == 304
        (tmp_path / "sim.release").write_bytes(b"another")
        assert get("/sim.release", **{"If-None-Match": tag})[1] == b"another"
        for path in ("/", "/release.pem", "/../release.pem", "/none.release", "/sim.release/x"):
            assert get(path)[0].status == 404, path
    finally:
        web.shutdown()
        web.server_close()
