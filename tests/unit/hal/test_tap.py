"""The capture: headers that a reader of pcap accepts, and files joined by time."""

import os
import struct

from hal.sim import tap

PATHS = ["test_tap_%s_%d.tmp" % (name, id(object()) & 0xFFFF) for name in "abc"]
ONE, TWO = ("127.0.0.1", 5070), ("10.1.2.3", 40000)


def ones_sum(data):
    data = data + b"\0" * (len(data) & 1)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def in_files(function):
    try:
        function()
    finally:
        for path in PATHS:
            try:
                os.remove(path)
            except OSError:
                pass


def check_ip(frame, protocol, payload):
    assert frame[12:14] == b"\x08\x00" and frame[14] == 0x45 and frame[23] == protocol
    assert struct.unpack(">H", frame[16:18])[0] == len(frame) - 14
    assert ones_sum(frame[14:34]) == 0xFFFF
    segment = frame[34:]
    assert ones_sum(frame[26:34] + bytes([0, protocol]) + struct.pack(">H", len(segment)) + segment) == 0xFFFF
    assert segment.endswith(payload)
    return segment


def test_datagrams():
    def function():
        capture = tap.Tap(PATHS[0])
        for payload in (b"", b"odd", b"even", bytes(3000)):
            capture.udp(ONE, TWO, memoryview(payload))
        found = tap.records(PATHS[0])
        capture.close()
        assert len(found) == 4
        for (_, frame), payload in zip(found, (b"", b"odd", b"even", bytes(3000))):
            segment = check_ip(frame, 17, payload)
            assert struct.unpack(">HHH", segment[:6]) == (5070, 40000, 8 + len(payload))

    in_files(function)


def test_streams_number_and_acknowledge_their_octets():
    def function():
        capture = tap.Tap(PATHS[0])
        capture.tcp(ONE, TWO, b"12345")
        capture.tcp(TWO, ONE, b"abc")
        capture.tcp(ONE, TWO, b"6")
        capture.close()
        numbers = []
        for (_, frame), payload in zip(tap.records(PATHS[0]), (b"12345", b"abc", b"6")):
            numbers.append(struct.unpack(">II", check_ip(frame, 6, payload)[4:12]))
        assert numbers == [(1, 1), (1, 6), (6, 4)]

    in_files(function)


def test_captures_are_joined_by_time_and_a_cut_one_is_taken_as_far_as_it_goes():
    def function():
        first, second = tap.Tap(PATHS[0]), tap.Tap(PATHS[1])
        for number in range(4):
            (first, second)[number & 1].udp(ONE, TWO, bytes([48 + number]))
        first.close()
        second.close()
        with open(PATHS[1], "rb") as file:
            whole = file.read()
        with open(PATHS[1], "wb") as file:
            file.write(whole[:-3])
        assert tap.merge(PATHS[:2], PATHS[2]) == 3
        assert [frame[-1:] for _, frame in tap.records(PATHS[2])] == [b"0", b"1", b"2"]

    in_files(function)


def test_keys_of_srtp_are_in_no_capture():
    key = b"d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
    line = b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s|2^20;inline:%s|1:4\r\n"

    def capture():
        recorder = tap.Tap(PATHS[0])
        recorder.udp(ONE, TWO, line % (key, key))
        recorder.tcp(ONE, TWO, line % (key, key))
        recorder.close()
        with open(PATHS[0], "rb") as file:
            found = file.read()
        assert key not in found and key[:8] not in found
        assert found.count(line % (b"x" * 40, b"x" * 40)) == 2

    in_files(capture)
