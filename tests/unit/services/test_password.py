"""The page's password: PBKDF2 as others compute it, what is kept, and comparing."""

import asyncio

from services import password

# RFC 7914 §11 has PBKDF2-HMAC-SHA256's first vector; the others are OpenSSL's,
# through CPython's hashlib.
VECTORS = (
    (b"passwd", b"salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"),
    (b"password", b"salt", 2, "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"),
    (b"password", b"salt", 300, "bac6cf0eb54376c80163ca7bcd4a7549ede138b3257bec5ca11af90c9a11aa00"),
    (b"p" * 100, b"salt", 3, "f598272d35e2ca276ac07694cf01636c4d643ad3075956477cfdd83eda46d9f6"),
)


def test_the_key_is_what_others_compute():
    for secret, salt, count, expected in VECTORS:
        key = asyncio.run(password._derive(secret, salt, count))
        assert key == bytes([int(expected[n : n + 2], 16) for n in range(0, 64, 2)]), (secret, count)


def test_what_is_kept_lets_in_its_password_and_no_other():
    kept = asyncio.run(password.make_hash("correct horse", 20))
    assert "horse" not in kept and kept.startswith("pbkdf2-sha256$20$")
    for attempt, answer in (("correct horse", True), ("correct hors", False), ("", False), ("x" * 65, False)):
        assert asyncio.run(password.matches(attempt, kept)) is answer, attempt
    assert asyncio.run(password.make_hash("correct horse", 20)) != kept, "the salt is new each time"


def test_the_count_is_measured_and_bounded():
    count = password.parse(asyncio.run(password.make_hash("x")))[0]
    assert 1000 <= count <= password.MAX_COUNT


def test_only_what_we_write_is_read():
    good = "pbkdf2-sha256$1000$" + "0a" * 16 + "$" + "b1" * 32
    assert password.parse(good) == (1000, b"\x0a" * 16, b"\xb1" * 32)
    for bad in (
        "",
        "x",
        good.replace("1000", "0"),
        good.replace("1000", "99999"),
        good.replace("1000", "1e3"),
        good.replace("1000", "²"),
        good[:-2],
        good + "$",
        good.replace("0a", "zz"),
        good.upper(),
        good.replace("sha256", "sha1"),
    ):
        assert password.parse(bad) is None, bad


def test_weak_choices_are_told():
    for choice, wrong in (
        ("correct horse", None),
        ("short", "8 to 64"),
        ("aaaaaaaaaa", "different"),
        (12345678, "string"),
        ("x" * 65, "8 to 64"),
    ):
        told = password.wrong_choice(choice)
        assert (told is None) if wrong is None else wrong in told, choice
