#!/usr/bin/env python3
"""An unattended call between two simulated phones: 201 calls 202, each hears the other, 201 hangs up.

Prints the SIP messages, and leaves in build/demo: a recording of each handset (WAV), a screenshot of each
state of each phone (PNG), and a capture of all packets (capture.pcap, for Wireshark). Fails unless each
recording holds the other's speech at the right level, with less than one frame in a hundred lost.
"""

import argparse
import json
import shutil
import sys
import time
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hal.sim import tap
from tools.lib import listen
from tools.lib.bench_client import NotInTime, Phone, Registrar, settings
from tools.lib.ladder import Ladder, summary

SPEECH = ROOT / "tools" / "demo"
USERS = {"201": "first secret", "202": "second secret"}
NAMES = {"201": "Ada", "202": "Grace"}

# With these the earpiece plays at the level of the other phone's microphone.
AUDIO = {"volume": 100, "microphone_gain": 0}

# The limits for each piece of speech that arrived.
LIKENESS = 0.9
LEVEL_DB = 2.0
LOST_PER_CENT = 1.0


class Failure(Exception):
    """What is wrong with the call, for a person to read."""


class Demo:
    def __init__(self, folder: Path):
        self.folder = folder
        self.ladder = Ladder(["201", "registrar", "202"], lambda line: print(line, flush=True))
        self.phones: dict = {}
        self._shots: dict = {}

    def run(self) -> None:
        captures = {name: self.folder / f"{name}.pcap" for name in ("registrar", *USERS)}
        registrar = Registrar(USERS, self._on_registrar, captures["registrar"], ["--verbose"])
        try:
            self.ladder.addresses[registrar.address] = "registrar"
            self.ladder.head()
            for name in USERS:
                config = settings(name, USERS[name], registrar.address, NAMES[name])
                config["audio"] = AUDIO
                log = self.folder / f"{name}.log"
                phone = self.phones[name] = Phone(name, config, pcap=captures[name], log=log)
                self.ladder.addresses[phone.wait("ready")["sip"]] = name
            stats = self._call(self.phones["201"], self.phones["202"])
        finally:
            for program in [*self.phones.values(), registrar]:
                program.close()
        packets = tap.merge([str(path) for path in captures.values()], str(self.folder / "capture.pcap"))
        for path in captures.values():
            path.unlink()
        print(f"\ncapture.pcap: {packets} packets")
        self._judge(stats)

    # ---- the call ----

    def _call(self, one: Phone, two: Phone) -> dict:
        for phone in (one, two):
            phone.wait("line", state="registered")
            self._shoot(phone, "idle")
        one.do("hook", state="off")
        one.keys("202")
        self._shoot(one, "dialling")
        one.keys("#")
        two.wait("call", state="ringing", direction="in")
        two.wait("ringer", on=True)
        self.ladder.note("202 rings")
        one.wait("call", state="ringing")
        self._shoot(one, "calling")
        self._shoot(two, "incoming")
        two.do("hook", state="off")
        for phone in (one, two):
            phone.wait("call", state="active")
        self.ladder.note("202 lifts the handset; both speak")
        self._speak(one, two)
        one.do("hook", state="on")
        self.ladder.note("201 hangs up")
        stats = {}
        for phone in (one, two):
            ended = phone.wait("call", state="ended")
            stats[phone.name] = ended.get("stats", {})
            self._shoot(phone, "ended")
        two.do("hook", state="on")
        for phone in (one, two):
            if phone.quit() != 0:
                raise Failure(f"{phone.name} did not end in order")
        return stats

    def _speak(self, one: Phone, two: Phone) -> None:
        for phone in (one, two):
            phone.do("record", wav=str(self.folder / f"{phone.name}-hears.wav"))
        # They speak one after the other, so that each is heard by the other alone.
        for phone in (one, two):
            path = SPEECH / f"{phone.name}.wav"
            phone.do("mic", wav=str(path))
            with wave.open(str(path), "rb") as file:
                seconds = file.getnframes() / file.getframerate()
            time.sleep(seconds / 2)
            self._shoot(phone, "in-call")
            time.sleep(seconds / 2)
        time.sleep(0.4)
        for phone in (one, two):
            phone.do("record", wav=None)

    def _shoot(self, phone: Phone, state: str) -> None:
        """A screenshot, once the screen has had the time to change."""
        number = self._shots[phone.name] = self._shots.get(phone.name, 0) + 1
        path = self.folder / f"{phone.name}-{number}-{state}.png"
        time.sleep(0.25)
        phone.do("screenshot", png=str(path))

    def _on_registrar(self, program, event: dict) -> None:
        if event.get("event") == "message":
            here, there = program.address, event["peer"]
            source, destination = (here, there) if event["sent"] else (there, here)
            self.ladder.message(source, destination, summary(event["line"]))

    # ---- the result ----

    def _judge(self, stats: dict) -> None:
        wrong = []
        for name, other in (("201", "202"), ("202", "201")):
            path = self.folder / f"{name}-hears.wav"
            speech = listen.load(SPEECH / f"{other}.wav")
            tries = [listen.find_in_pieces(speech, heard) for heard in listen.load_phases(path)]
            pieces = max(tries, key=_worst)
            for piece in pieces:
                if piece.likeness < LIKENESS or abs(piece.level_db) > LEVEL_DB:
                    wrong.append(f"{name} does not hear {other} as it should: {piece}")
            lost = _lost_per_cent(stats[name])
            if lost >= LOST_PER_CENT:
                wrong.append(f"{name} lost {lost:.1f} % of its frames: {json.dumps(stats[name])}")
            alike = f"likeness {_worst(pieces):.2f} or more"
            print(f"{path.name}: {other}'s speech, {alike}, {lost:.1f} % of frames lost")
        if wrong:
            raise Failure("\n".join(wrong))


def _worst(pieces: list) -> float:
    return min((piece.likeness for piece in pieces), default=0.0)


def _lost_per_cent(stats: dict) -> float:
    if not stats.get("received"):
        return 100.0
    missed = max(stats["lost"] + stats["late"], stats["concealed"])
    return 100.0 * missed / (stats["received"] + stats["lost"])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=ROOT / "build" / "demo",
        metavar="FOLDER",
        help="where the results go; what is there is removed (default: build/demo)",
    )
    folder = parser.parse_args().output.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        Demo(folder).run()
    except (Failure, NotInTime) as failure:
        print(f"\ndemo failed: {failure}", file=sys.stderr)
        return 1
    print(f"\nThe call went well. Listen and look: {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
