#!/usr/bin/env python3
"""Measure the voice quality over bad networks: PESQ, PLCMOS, delay and gaps, in virtual time.

The engine gets packets as a trace brings them and plays a frame every 20 ms; every run gives the same result.
The speech is fetched from Debian once. Writes docs/voice.md and its plot, and fails where a budget is missed.
"""

import argparse
import multiprocessing
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.lib import host_path

host_path.use(host_path.TESTS)

PAGE = ROOT / "docs" / "voice.md"
PLOT = ROOT / "docs" / "images" / "voice.svg"
PHASES = (5, 15)  # ms: the phase of the earpiece's frames against the sender's

# Trace -> (description, lowest PESQ relative to `clean`, highest delay in ms). Raise one only with a reason.
BUDGETS = {
    "clean": ("nothing happens", 0.0, 35),
    "ptime10": ("packets of 10 ms", -0.02, 40),
    "ptime30": ("packets of 30 ms", -0.05, 40),
    "ptime60": ("packets of 60 ms", -0.05, 40),
    "reorder": ("5 % overtaken, 5 % twice", -0.05, 45),
    "jitter20": ("uniform jitter of ±20 ms", -0.1, 65),
    "exp10": ("exponential jitter, mean 10 ms", -0.35, 100),
    "wifi100": ("stalls of 100 ms every 2 s", -0.25, 130),
    "wifi150": ("stalls of 150 ms every 2 s", -0.28, 175),
    "wifi150-3s": ("stalls of 150 ms every 3.1 s", -0.35, 175),
    "sine10s": ("0 to 80 ms and back in 10 s", -0.3, 110),
    "sine20s": ("0 to 80 ms and back in 20 s", -0.3, 110),
    "step60": ("60 ms longer for 10 s", -0.35, 110),
    "step150": ("150 ms longer for 10 s", -0.4, 190),
    "loss1": ("1 % lost", -0.4, 70),
    "loss5": ("5 % lost", -1.0, 70),
    "loss10": ("10 % lost", -1.45, 70),
    "burst5": ("5 % lost in bursts of 3", -1.15, 70),
    "loss5-ptime10": ("5 % lost, packets of 10 ms", -1.15, 60),
    "loss5-ptime30": ("5 % lost, packets of 30 ms", -1.1, 80),
    "pauses-cn": ("nothing sent in pauses, but comfort noise", -0.06, 40),
    "pauses": ("nothing sent in pauses", -0.06, 40),
    "drift+200": ("two minutes, the peer's clock 200 ppm fast", -0.05, 45),
    "drift-200": ("two minutes, 200 ppm slow", -0.06, 60),
}

# The same for G.722: lowest PESQ relative to `clean`, on the scale of P.862.2.
WIDE_BUDGETS = {"clean": 0.0, "jitter20": -0.1, "wifi150": -0.3, "loss1": -1.0, "loss5": -2.2, "burst5": -1.8}

HEAD = """# The voice over bad networks

Written by `make voice`; a test fails when a budget is missed. It measures the engine alone, in counted time:
packets arrive as a trace says, and the earpiece takes a frame each 20 ms. So every run gives the same.

PESQ is P.862 narrow band as MOS-LQO, the mean of four pieces of 8 s and of two phases of the earpiece
({language}). The first row is what µ-law leaves of it. PLCMOS is
Microsoft's estimate of what listeners say of concealment. Delay is the median time from when a packet is
sent to when its first sample is played; the codec's buffers come on top. Silence is what is heard where there
is speech. The traces are in [tests/voice/traces.py](../tests/voice/traces.py), the budgets in
[tools/voice.py](../tools/voice.py).

| trace | what happens | PESQ | budget | each 8 s | PLCMOS | delay | budget | silence |
|---|---|---:|---:|---|---:|---:|---:|---:|
"""

FOOT = """
![PESQ of each trace](images/voice.svg)

The first stall of a kind costs: until then the buffer does not know of it. After that it is as deep as was
needed, and what is remembered fades over a minute.
"""


WIDE_HEAD = """
## Wideband

G.722 by P.862.2, on a scale of its own: all of it, not a telephone's band, is compared. The speech is the
same, from prompts that were in G.722 already. What a decoder of G.722 knows of its sender is wrong for some
30 ms after a lost packet, however good the concealment; so loss costs more than with µ-law.

| trace | PESQ | budget | each 8 s |
|---|---:|---:|---|
"""


def measure(job):
    """One row: (trace, {pesq, pieces, plcmos, delay, gaps})."""
    from voice import measure as of
    from voice import speech, traces

    name, with_plcmos = job
    sound = speech.speech()
    reference = traces.lasting(sound, 120) if name.startswith("drift") else sound
    arrivals = traces.traces(sound, name)[name]
    rows = []
    for phase in PHASES:
        played, stats = of.play(arrivals, phase)
        found = of.delays(reference, played)
        delay = of.median([ms for _, ms in found])
        rows.append((of.score(reference, played, found), delay, of.gaps(reference, played, delay)))
    plcmos = of.plcmos(played[int(delay * 8) :][: len(reference)]) if with_plcmos else None
    pieces = [sum(values) / len(values) for values in zip(*[row[0] for row in rows])]
    return name, {
        "pieces": pieces[:4],
        "pesq": sum(pieces) / len(pieces),
        "delay": sum(row[1] for row in rows) / len(rows),
        "gaps": max(row[2] for row in rows),
        "plcmos": plcmos,
        "stats": stats,
    }


def missed(name, row, clean):
    """The budgets that a row misses, in words; "" for none."""
    _, below, most = BUDGETS[name]
    found = []
    if row["pesq"] < clean + below - 0.005:
        found.append(f"PESQ {row['pesq']:.2f} of {clean + below:.2f}")
    if row["delay"] > most:
        found.append(f"{row['delay']:.0f} ms of {most}")
    return ", ".join(found)


def render(rows) -> str:
    clean = rows["clean"]["pesq"]
    lines = []
    for name, row in rows.items():
        what, below, most = BUDGETS[name]
        pieces = " ".join(f"{value:.2f}" for value in row["pieces"])
        plcmos = "–" if row["plcmos"] is None else f"{row['plcmos']:.2f}"
        lines.append(
            f"| {name} | {what} | {row['pesq']:.2f} | {clean + below:.2f} | {pieces} | {plcmos} "
            f"| {row['delay']:.0f} ms | {most} ms | {row['gaps']} ms |\n"
        )
    language = "Russian, Italian, French, Italian; Debian's prompts of Asterisk"
    return HEAD.format(language=language) + "".join(lines) + FOOT


def measure_wide(name):
    """(trace, [PESQ of each piece])."""
    from voice import wide

    return wide.measure(name)


def run_wide(names=tuple(WIDE_BUDGETS)) -> dict:
    """{trace: PESQ of each piece} of those traces."""
    from voice import speech

    speech.fetch("g722")
    with multiprocessing.Pool(os.cpu_count()) as pool:
        return dict(pool.imap(measure_wide, names))


def mean(values) -> float:
    return sum(values) / len(values)


def missed_wide(name, scores, clean) -> str:
    """As `missed`."""
    least = mean(clean) + WIDE_BUDGETS[name]
    return f"PESQ {mean(scores):.2f} of {least:.2f}" if mean(scores) < least - 0.005 else ""


def render_wide(rows) -> str:
    lines = []
    for name, scores in rows.items():
        pieces = " ".join(f"{value:.2f}" for value in scores)
        least = mean(rows["clean"]) + WIDE_BUDGETS[name]
        lines.append(f"| {name} | {mean(scores):.2f} | {least:.2f} | {pieces} |\n")
    return WIDE_HEAD + "".join(lines)


def plot(rows) -> str:
    """Bars of PESQ, 1 to 4.5, with their delay."""
    height = 22 * len(rows) + 30
    bars = []
    for index, (name, row) in enumerate(rows.items()):
        y, width = 22 * index + 8, (row["pesq"] - 1) * 120
        bars.append(
            f'<text x="118" y="{y + 12}" text-anchor="end">{name}</text>'
            f'<rect x="124" y="{y}" width="{width:.0f}" height="15" fill="#4a7fb5"/>'
            f'<text x="{130 + width:.0f}" y="{y + 12}">{row["pesq"]:.2f}, {row["delay"]:.0f} ms</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="680" height="{height}" font-family="sans-serif" '
        'font-size="12">\n<rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(bars) + "\n</svg>\n"
    )


def run(names, with_plcmos=True):
    """{trace: row} of those traces, in the order of BUDGETS."""
    jobs = [(name, with_plcmos and not name.startswith("drift")) for name in BUDGETS if name in names]
    with multiprocessing.Pool(os.cpu_count()) as pool:
        return dict(pool.imap(measure, jobs))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0], epilog=__doc__.split("\n\n")[1])
    parser.add_argument("traces", nargs="*", metavar="TRACE", help="only these, and write nothing")
    options = parser.parse_args()
    unknown = [name for name in options.traces if name not in BUDGETS]
    if unknown:
        parser.error(f"no such trace: {', '.join(unknown)} (there are {', '.join(BUDGETS)})")
    from tools import build_native, voice_echo

    build_native.build_host(quiet=True)
    from voice import speech

    speech.fetch()
    rows = run({*options.traces, "clean"} if options.traces else set(BUDGETS))
    failed = 0
    for name, row in rows.items():
        wrong = missed(name, row, rows["clean"]["pesq"])
        failed += bool(wrong)
        mark = f"  MISSED: {wrong}" if wrong else ""
        print(
            f"{name:14} PESQ {row['pesq']:.2f}  {row['delay']:4.0f} ms  {row['gaps']:4} ms of silence{mark}"
        )
    if not options.traces:
        wide = run_wide()
        for name, scores in wide.items():
            wrong = missed_wide(name, scores, wide["clean"])
            failed += bool(wrong)
            print(f"wide {name:9} PESQ {mean(scores):.2f}{'  MISSED: ' + wrong if wrong else ''}")
        PAGE.write_text(render(rows) + render_wide(wide))
        PLOT.parent.mkdir(exist_ok=True)
        PLOT.write_text(plot(rows))
        failed += voice_echo.main()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
