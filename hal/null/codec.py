"""No sound: no frame is ever captured, and played frames are dropped."""

import compat


class Codec:
    rates = (16000, 48000, 8000)
    capture_bits = 16
    outputs = ("handset",)
    output = "handset"
    overruns = 0
    underruns = 0
    stalls = 0
    lead_ms = 0

    def __init__(self):
        self.ready = compat.ThreadSafeFlag()
        self.running = False
        self.rate = 0
        self.capture_bytes = 0
        self.playout_bytes = 0

    def start(self, rate: int, frame_ms: int = 20) -> None:
        if rate not in self.rates:
            raise ValueError("rate")
        self.running = True
        self.rate = rate
        self.capture_bytes = self.playout_bytes = rate * frame_ms // 1000 * 2

    def stop(self) -> None:
        self.running = False

    def poll(self, now: int) -> None:
        pass

    def read_into(self, frame) -> bool:
        return False

    def write(self, frame) -> bool:
        return self.running

    def volume(self, percent: int) -> bool:
        return False

    def gain(self, percent: int) -> bool:
        return False

    def route(self, output: str) -> str:
        return self.output
