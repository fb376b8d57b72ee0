"""The head of a release: what is believed, and what is said of all else."""

import json

from services.update import release as release_format
from support import releases
from support.check import raises

FILES = [("start.mpy", b"start"), ("sip/x.mpy", b"x" * 1000)]


def read(octets, modulus=releases.MODULUS):
    prefix = octets[: release_format.PREFIX]
    length = release_format.manifest_length(prefix)
    return release_format.read_head(
        prefix, octets[release_format.PREFIX : release_format.PREFIX + length], modulus
    )


def problem(function, *arguments, **named):
    return str(raises(release_format.PackageError, function, *arguments, **named))


def test_a_release():
    found = read(releases.pack(FILES))
    assert (found.version, found.number, found.board, found.total) == ("0.2.0", (0, 2, 0), "sim", 1005)
    assert found.files[1] == ("sip/x.mpy", 1000, releases.sha256(b"x" * 1000))
    release_format.check_fits(found, "sim", "folders", (1, 26, 1))
    release_format.check_fits(found, "sim", "folders", None)
    release_format.check_newer(found, "0.1.9")


def test_what_is_no_release():
    good = releases.pack(FILES)
    for octets in (b"", good[:395], b"<html>" + good, b"BAKELITF" + good[8:]):
        assert "not a Bakelite release" in problem(read, octets)
    for length in (0, release_format.MAX_MANIFEST + 1, 0xFFFFFFFF):
        assert "too long" in problem(read, good[:8] + length.to_bytes(4, "big") + good[12:])


def test_every_part_of_the_head_is_signed():
    good = releases.pack(FILES)
    for at in (11, 12, 200, 395, 396, 450):
        wrong = bytearray(good)
        wrong[at] ^= 1
        assert "signature" in problem(read, bytes(wrong)), at
    assert "signature" in problem(read, good[:500])  # the manifest is shorter than it says
    assert "no key" in problem(read, good, None)
    assert "signature" in problem(read, good, releases.MODULUS - 2)


def test_signed_manifests_that_nobody_should_have_signed():
    good = releases.manifest(FILES)
    for change in (
        {"format": 2},
        {"version": "1.x"},
        {"version": 3},
        {"files": []},
        {"files": 7},
        {"total": 1004},
        {"files": [["a", -5, "0" * 64], ["b", 1010, "0" * 64]]},
        {"files": [["a", 1005, "0"]]},
        {"files": [["a", 1005]]},
        {"micropython": None},
    ):
        raises(release_format.PackageError, release_format.Release, dict(good, **change))
    for name in good:
        raises(
            release_format.PackageError,
            release_format.Release,
            {key: good[key] for key in good if key != name},
        )
    for value in (None, [], "x", 5):
        raises(release_format.PackageError, release_format.Release, value)
    huge = dict(good, total=9 << 20, files=[["a", 9 << 20, "0" * 64]])
    assert "too large" in problem(release_format.Release, huge)
    many = dict(good, total=0, files=[["a", 0, "0" * 64]] * 401)
    raises(release_format.PackageError, release_format.Release, many)
    for text in (b"\xff\xfe", b"{", b"[" * 300):
        raises(release_format.PackageError, read, releases.head(text))


def test_for_whom_it_is():
    release = release_format.Release(releases.manifest(FILES))
    assert "is for sim, this board is other" in problem(
        release_format.check_fits, release, "other", "folders", None
    )
    assert "kind of image" in problem(release_format.check_fits, release, "sim", "partition", None)
    assert "needs MicroPython 1.26.0" in problem(
        release_format.check_fits, release, "sim", "folders", (1, 25, 9)
    )
    odd = release_format.Release(json.loads(json.dumps(releases.manifest(FILES, board="x\r\ny" + "z" * 90))))
    assert "x??yzzz" in problem(release_format.check_fits, odd, "sim", "folders", None)


def test_versions():
    release = release_format.Release(releases.manifest(FILES))
    assert "installed already" in problem(release_format.check_newer, release, "0.2")
    assert "older" in problem(release_format.check_newer, release, "0.2.1")
    assert "older" in problem(release_format.check_newer, release, "0.10")
    release_format.check_newer(release, "1.0", True)
    assert "installed already" in problem(release_format.check_newer, release, "0.2.0", True)
    for one, other, same in (
        ("0.2", "0.2.0", True),
        ("0.2", "0.2.1", False),
        (None, "0.2", False),
        ("x", "x", False),
    ):
        assert release_format.same_version(one, other) == same
    for wrong in ("", "1.", "1.2.3.4", "-1", "1.²", "123456", None, "1. 2"):
        raises(ValueError, release_format.version_number, wrong)
