"""The peer's voice, for scenarios that need RTP from the other side."""

import socket


class Talker:
    """Sends one RTP packet after the other from a buffer that is allocated once."""

    def __init__(self, port, payload_type):
        self._port = port
        self._packet = bytearray(172)
        self._packet[0] = 0x80
        self._packet[1] = payload_type
        self._packet[8:12] = b"talk"
        for index in range(12, 172):
            self._packet[index] = (index * 37) & 0xFF
        self._sequence = 0

    def speak(self):
        packet, sequence = self._packet, self._sequence
        self._sequence = (sequence + 1) & 0xFFFF
        packet[2], packet[3] = sequence >> 8, sequence & 0xFF
        timestamp = sequence * 160
        packet[4], packet[5] = timestamp >> 24 & 0xFF, timestamp >> 16 & 0xFF
        packet[6], packet[7] = timestamp >> 8 & 0xFF, timestamp & 0xFF
        socket.give(self._port, packet)
