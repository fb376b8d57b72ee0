"""AES against the vectors of FIPS 197, SP 800-38A and RFC 3711."""

from binascii import hexlify, unhexlify

from media import aes

BLOCK = unhexlify("00112233445566778899aabbccddeeff")


def text(octets):
    return hexlify(bytes(octets)).decode()


def test_appendix_c_of_fips_197():
    for octets, expected in (
        (16, "69c4e0d86a7b0430d8cdb78070b4c55a"),
        (32, "8ea2b7ca516745bfeafc49904b496089"),
    ):
        assert text(aes.encrypt(aes.expand(bytes(range(octets))), BLOCK)) == expected


def test_the_key_expansion_of_appendix_a():
    keys = aes.expand(unhexlify("2b7e151628aed2a6abf7158809cf4f3c"))
    assert len(keys) == 11
    assert text(keys[10]) == "d014f9a8c9ee2589e13f0cc8b6630ca6"
    keys = aes.expand(unhexlify("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"))
    assert len(keys) == 15
    assert text(keys[14]) == "fe4890d1e6188d0b046df344706c631e"


def test_counter_mode_of_sp_800_38a():
    keys = aes.expand(unhexlify("2b7e151628aed2a6abf7158809cf4f3c"))
    counter = unhexlify("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    octets = bytearray(unhexlify("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"))
    aes.counter_mode(keys, counter, octets, 0, 32)
    assert text(octets) == "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
    aes.counter_mode(keys, counter, octets, 0, 32)
    assert text(octets) == "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"


def test_the_key_stream_of_rfc_3711_b2():
    keys = aes.expand(unhexlify("2b7e151628aed2a6abf7158809cf4f3c"))
    stream = aes.key_stream(keys, unhexlify("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), 40)
    assert text(stream[:16]) == "ec8cdf7398607cb0f2d21675ea9ea1e4"
    assert text(stream[16:32]) == "362b7c3c6773516318a077d7fc5073ae"
    assert text(stream[32:]) == "6a2cc3787889374f"


def test_only_what_is_asked_for_is_changed():
    octets = bytearray(40)
    aes.counter_mode(aes.expand(bytes(16)), bytes(16), octets, 3, 24)
    assert octets[:3] == bytes(3) and octets[24:] == bytes(16)
    assert octets[3:24] == aes.key_stream(aes.expand(bytes(16)), bytes(16), 21)
