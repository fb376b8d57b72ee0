#!/usr/bin/env python3
"""Measure how much echo our canceller and speexdsp leave of the same sound in rooms. Writes docs/echo.md.

Nothing is played: rooms, noise and speech are computed, so every run gives the same result. Fails where a
budget is missed. `make voice` runs this, too.
"""

import argparse
import multiprocessing
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.lib import host_path

host_path.use(host_path.TESTS)

PAGE = ROOT / "docs" / "echo.md"

# Room -> lowest (ERLE in dB, PESQ in double talk, AECMOS of the echo: far end alone, in double talk).
BUDGETS = {
    "rt200": (45, 3.25, 4.6, 3.95),
    "rt400": (40, 2.8, 4.45, 3.9),
    "rt600": (35, 2.45, 4.35, 3.9),
    "distorted": (36, 2.7, 3.85, 3.95),
    "noisy": (36, 2.6, 4.45, 3.95),
    "loud": (38, 2.3, 4.35, 3.9),
    "moved": (23, 1.9, 4.05, 3.85),
    "late": (40, 2.8, 4.25, 3.85),
}
FIELDS = ("erle", "pesq", "single", "double")

HEAD = """# Echo in rooms

Written by `make voice`; a test fails when a budget is missed. It measures the echo canceller alone
(`echo_core`, at 8 kHz): a loudspeaker plays speech, the microphone hears it through a computed room,
with noise at -65 dBov, and from 4 s on somebody else who speaks there, as loud as the echo or 3 dB
less. The figures in brackets are libspeexdsp's, with a filter of 100 ms and its preprocessor, on the
same sound. No real room and no real loudspeaker has been heard yet.

- **ERLE**: how much quieter what is sent is than what the microphone hears, far end alone, from 2 s to
  20 s. Noise counts as echo.
- **PESQ**: of who speaks there while both talk, against clean speech (P.862 narrow band, MOS-LQO).
- **AECMOS**: Microsoft's estimate of what listeners say, 1 to 5: of the echo while the far end talks
  alone, of the echo while both talk, and of all else while both talk. It was made for 16 kHz; narrow-
  band sound costs some of it.

Who speaks alone, with no echo: PESQ {near:.2f} ({near_other:.2f}).

| room | what | ERLE | budget | PESQ | budget | AECMOS alone | budget | both | budget | all else |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""

FOOT = """
The rooms are in [tests/voice/rooms.py](../tests/voice/rooms.py), the budgets in
[tools/voice_echo.py](../tools/voice_echo.py). After the microphone moves, the echo is heard for about
half a second until the new path is learnt, and speech of that time is turned down with it.
"""


def measure(job):
    from voice import echo

    canceller, room, listen = job
    return echo.measure(getattr(echo, canceller), room, listen)


def run(rooms, listen=True, cancellers=("ours", "speexdsp")):
    """{canceller: {room: the measures of tests/voice/echo.py}}; with `listen`, AECMOS as well."""
    jobs = [(canceller, room, listen) for canceller in cancellers for room in rooms]
    with multiprocessing.Pool(2) as pool:
        found = pool.map(measure, jobs, 1)
    rows: dict = {canceller: {} for canceller in cancellers}
    for (canceller, room, _), row in zip(jobs, found):
        rows[canceller][room] = row
    return rows


def missed(room, row) -> str:
    """The budgets that a row misses, in words; "" for none."""
    pairs = zip(FIELDS, BUDGETS[room])
    return ", ".join(
        f"{name} {row[name]:.2f} of {least}" for name, least in pairs if row.get(name, 9) < least
    )


def render(rows) -> str:
    from voice.rooms import ROOMS

    ours, other = rows["ours"], rows["speexdsp"]
    lines = []
    for room, (erle, pesq, single, double) in BUDGETS.items():
        row, their = ours[room], other[room]
        cells = [
            f"{row['erle']:.0f} dB ({their['erle']:.0f}) | {erle} dB",
            f"{row['pesq']:.2f} ({their['pesq']:.2f}) | {pesq:.2f}",
            f"{row['single']:.2f} ({their['single']:.2f}) | {single:.2f}",
            f"{row['double']:.2f} ({their['double']:.2f}) | {double:.2f}",
            f"{row['other']:.2f} ({their['other']:.2f})",
        ]
        lines.append(f"| {room} | {ROOMS[room][0]} | {' | '.join(cells)} |\n")
    head = HEAD.format(near=ours["rt400"]["near"], near_other=other["rt400"]["near"])
    return head + "".join(lines) + FOOT


def main(write=True) -> int:
    from voice import speech

    from tools import build_native

    build_native.build_host(quiet=True)
    speech.fetch()
    rows = run(BUDGETS)
    failed = 0
    for room, row in rows["ours"].items():
        wrong = missed(room, row)
        failed += bool(wrong)
        mark = f"  MISSED: {wrong}" if wrong else ""
        print(
            f"{room:14} ERLE {row['erle']:.1f} dB  PESQ {row['pesq']:.2f}  AECMOS {row['single']:.2f}{mark}"
        )
    if write:
        PAGE.write_text(render(rows))
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0], epilog=__doc__.split("\n\n")[1])
    parser.parse_args()
    sys.exit(main())
