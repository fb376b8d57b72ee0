"""SHA-1 against FIPS 180's examples, HMAC against RFC 2202."""

from binascii import hexlify

from media import sha1


def text(octets):
    return hexlify(octets).decode()


def test_the_examples_of_the_standard():
    assert text(sha1.digest(b"abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d"
    two_blocks = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    assert text(sha1.digest(two_blocks)) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
    assert text(sha1.digest(b"")) == "da39a3ee5e6b4b0d3255bfef95601890afd80709"


def test_every_length_of_the_last_block():
    # SHA-1 of the digests of 0 to 129 zeros, by Python's hashlib.
    every = b"".join([sha1.digest(bytes(length)) for length in range(130)])
    assert text(sha1.digest(every)) == "7b0dc5b84f65f38a1278eb66390c7f2eedf82948"


def test_rfc_2202():
    for key, message, expected in (
        (b"\x0b" * 20, b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
        (b"Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (b"\xaa" * 20, b"\xdd" * 50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
    ):
        assert text(sha1.hmac(sha1.hmac_key(key), message)) == expected
