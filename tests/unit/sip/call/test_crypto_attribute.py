"""a=crypto: what the RFCs show, what others write, and what nobody should."""

from sip.call.crypto_attribute import SUITES, CryptoAttribute, Key, parse
from sip.syntax.grammar import ParseError
from support.check import raises

KEY = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
OTHER = "YUJDZGVmZ2hpSktMbW9QUXJzVHVWd3l6MTIzNDU2"
LINE = "1 AES_CM_128_HMAC_SHA1_80 inline:" + KEY


def test_the_example_of_rfc_4568():
    attribute = parse(LINE + "|2^20|1:32")
    assert (attribute.tag, attribute.suite) == (1, "AES_CM_128_HMAC_SHA1_80")
    (key,) = attribute.keys
    assert len(key.octets) == 30 and key.octets[:4] == b"wDfv"
    assert key.lifetime == 1 << 20
    assert key.mki == bytes(31) + b"\x01"
    assert attribute.parameters == [] and attribute.usable


def test_what_is_written_is_read():
    for suite, octets in SUITES:
        for lifetime, mki in ((0, b""), (1 << 31, b""), (0, b"\x04"), (1000, b"\x00\x00\x07")):
            key = Key(bytes(range(octets)), lifetime, mki)
            written = CryptoAttribute(7, suite, [key], ["WSH=128"])
            read = parse(str(written))
            assert (read.tag, read.suite, read.keys, read.parameters) == (7, suite, [key], ["WSH=128"])
            assert read.usable


def test_lifetime_and_mki_each_without_the_other():
    assert parse(LINE + "|2^31").keys[0].lifetime == 1 << 31
    assert parse(LINE + "|1000").keys[0].lifetime == 1000
    key = parse(LINE + "|5:1").keys[0]
    assert (key.lifetime, key.mki) == (0, b"\x05")


def test_padding_may_be_left_out():
    key = "A" * 61 + "g=="
    for text in (key, key.rstrip("=")):
        assert len(parse("1 AES_256_CM_HMAC_SHA1_80 inline:" + text).keys[0].octets) == 46


def test_several_keys_are_told_apart_by_their_mki():
    attribute = parse("1 AES_CM_128_HMAC_SHA1_80 inline:%s|2^20|1:4;inline:%s|2^20|2:4" % (KEY, OTHER))
    assert [key.mki for key in attribute.keys] == [b"\0\0\0\1", b"\0\0\0\2"]
    four = ";".join(["inline:%s|%d:4" % (KEY, mki) for mki in range(4)])
    assert len(parse("1 AES_CM_128_HMAC_SHA1_80 " + four).keys) == 4
    assert attribute.keys[0] != attribute.keys[1]
    for text in (
        "inline:%s;inline:%s" % (KEY, OTHER),
        "inline:%s|1:4;inline:%s|1:4" % (KEY, OTHER),
        "inline:%s|1:4;inline:%s|2:2" % (KEY, OTHER),
        "inline:%s|1:4;inline:%s" % (KEY, OTHER),
        ";".join(["inline:%s|%d:4" % (KEY, mki) for mki in range(5)]),
    ):
        raises(ParseError, parse, "1 AES_CM_128_HMAC_SHA1_80 " + text)


def test_the_suite_and_the_parameters_decide_whether_it_is_of_use():
    for line, usable in (
        (LINE, True),
        (LINE + " WSH=64", True),
        (LINE + " -PRIVATE=1", True),
        (LINE + " KDR=1", False),
        (LINE + " UNENCRYPTED_SRTP", False),
        (LINE + " UNENCRYPTED_SRTCP", False),
        (LINE + " UNAUTHENTICATED_SRTP", False),
        (LINE + " FEC_ORDER=FEC_SRTP", False),
        (LINE + " SOMETHING", False),
        ("1 F8_128_HMAC_SHA1_80 inline:" + KEY, False),
        ("1 AES_CM_128_HMAC_SHA1_8 anything", False),
        ("1 aes_cm_128_hmac_sha1_80 inline:" + KEY, False),
    ):
        assert parse(line).usable is usable, line


def test_blanks_and_tags():
    assert parse("\t999999999   AES_CM_128_HMAC_SHA1_80\tinline:" + KEY + "  ").tag == 999999999
    for tag in ("", "x", "-1", "1000000000", "1.5", "٣"):
        raises(ParseError, parse, tag + " AES_CM_128_HMAC_SHA1_80 inline:" + KEY)


def test_what_is_no_key():
    for text in (
        "inline:",
        "inline:" + KEY[:-4],
        "inline:" + KEY + "AAAA",
        "inline:" + KEY[:-1] + "!",
        "inline:" + KEY[:-1] + "=",
        "inline:" + KEY[:10] + " " + KEY[10:],
        "inline:" + KEY[:10] + "\u00e9" + KEY[11:],
        "inline:" + KEY + "|",
        "inline:" + KEY + "|0",
        "inline:" + KEY + "|2^49",
        "inline:" + KEY + "|2^",
        "inline:" + KEY + "|2^99999999999",
        "inline:" + KEY + "|1|2",
        "inline:" + KEY + "|-5",
        "inline:" + KEY + "|1:0",
        "inline:" + KEY + "|1:129",
        "inline:" + KEY + "|256:1",
        "inline:" + KEY + "|x:1",
        "inline:" + KEY + "|1:",
        "inline:" + KEY + "|1:1|2^20",
        "inline:" + KEY + "|2^20|1:1|3",
        "other:" + KEY,
        KEY,
        ";",
        "inline:" + KEY + ";",
    ):
        raises(ParseError, parse, "1 AES_CM_128_HMAC_SHA1_80 " + text)
    raises(ParseError, parse, "")
    raises(ParseError, parse, "1 AES_CM_128_HMAC_SHA1_80")
    raises(ParseError, parse, LINE + " " + "x" * 1024)


def test_no_error_and_no_repr_shows_a_key():
    attribute = parse(LINE)
    for text in (repr(attribute), repr(attribute.keys), repr(attribute.keys[0])):
        assert KEY[:8] not in text and "wDfv" not in text
    try:
        parse(LINE[:-1] + "|oops|" + KEY)
    except ParseError as error:
        assert KEY[:8] not in str(error)
