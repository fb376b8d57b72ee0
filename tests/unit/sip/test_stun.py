"""STUN binding: the test vectors of RFC 5769, wrong answers, hostile ones."""

import binascii
import struct

from sip import stun
from support.check import raises

IDENTITY = b"\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"
COOKIE = b"\x21\x12\xa4\x42"


def response(*attributes, kind=0x0101, identity=IDENTITY, length=None):
    body = b"".join(
        [
            struct.pack("!HH", kind_of, len(value)) + value + bytes(-len(value) & 3)
            for kind_of, value in attributes
        ]
    )
    return struct.pack("!HH", kind, len(body) if length is None else length) + COOKIE + identity + body


def xor_address(address=(192, 0, 2, 1), port=32853):
    octets = bytes([octet ^ COOKIE[at] for at, octet in enumerate(address)])
    return 0x0020, b"\0\1" + struct.pack("!H", port ^ 0x2112) + octets


MAPPED = (0x0001, b"\0\1" + struct.pack("!H", 4096) + bytes((198, 51, 100, 7)))


def test_the_request_carries_a_true_fingerprint():
    octets = stun.binding_request(IDENTITY)
    assert octets[:20] == b"\0\1\0\x08" + COOKIE + IDENTITY and stun.is_stun(octets)
    # The same fingerprint, at the end of an answer, is checked.
    with_print = response(xor_address(), (0x8028, b"\0\0\0\0"))
    value = binascii.crc32(with_print[:-8]) & 0xFFFFFFFF ^ 0x5354554E
    good = with_print[:-4] + struct.pack("!I", value)
    assert stun.parse_response(good, IDENTITY) == ("192.0.2.1", 32853)
    raises(stun.StunError, stun.parse_response, with_print, IDENTITY)


def test_addresses_of_rfc_5769():
    # §2.2 and §2.3, their XOR-MAPPED-ADDRESS attributes
    four = (0x0020, b"\x00\x01\xa1\x47\xe1\x12\xa6\x43")
    six = (0x0020, b"\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9")
    software = (0x8022, b"test vector")
    assert stun.parse_response(response(software, four), IDENTITY) == ("192.0.2.1", 32853)
    wanted = ("2001:db8:1234:5678:11:2233:4455:6677", 32853)
    assert stun.parse_response(response(software, six), IDENTITY) == wanted


def test_which_address_counts():
    assert stun.parse_response(response(MAPPED), IDENTITY) == ("198.51.100.7", 4096)
    assert stun.parse_response(response(MAPPED, xor_address()), IDENTITY) == ("192.0.2.1", 32853)
    assert stun.parse_response(response((0x0009, b"\0\0\4\0"), kind=0x0111), IDENTITY) is None


def test_what_is_no_answer():
    whole = response(xor_address())
    cases = [
        b"",
        response(),
        response(xor_address(), identity=bytes(12)),
        response(xor_address(), kind=0x0001),
        response(xor_address(), kind=0x0111 | 0x4000),
        response(xor_address(), length=8),
        response(xor_address(), length=13),
        b"\x80" + whole[1:],
        whole[:4] + b"\0\0\0\0" + whole[8:],
        whole + b"\0\0\0\0",
        response((0x0020, b"\0\3" + bytes(6))),
        response((0x0020, b"\0\2" + bytes(6))),
        response((0x0020, b"")),
        response((0x7FFF, b""), xor_address()),
        response(*[(0x8022, b"")] * 17),
        response((0x8028, bytes(4)), xor_address()),
        response(xor_address(), (0x8022, bytes(600))),
    ] + [whole[:length] for length in range(len(whole))]
    for case in cases:
        raises(stun.StunError, stun.parse_response, case, IDENTITY)


def test_a_binding_asks_seven_times_and_gives_up():
    binding = stun.Binding(lambda n: IDENTITY[:n])
    waits = [binding.wait_ms()]
    while binding.again():
        waits.append(binding.wait_ms())
    assert waits == [500, 1000, 2000, 4000, 8000, 16000, 8000] and binding.failed
    binding = stun.Binding(lambda n: IDENTITY[:n])
    assert not binding.receive(b"junk") and not binding.receive(response(xor_address(), identity=bytes(12)))
    assert (
        binding.receive(response(xor_address()))
        and binding.mapped == ("192.0.2.1", 32853)
        and not binding.failed
    )
    binding = stun.Binding(lambda n: IDENTITY[:n])
    assert binding.receive(response((0x0009, b"\0\0\4\0"), kind=0x0111)) and binding.failed
