#!/usr/bin/env python3
"""Design the voice core's tables and write them for both of its forms: C and Python.

A quarter of a sine (oscillators) and the taps of the two resampling filters: 16 <-> 8 kHz, a half-band filter
by the Kaiser window; 48 <-> 16 kHz, least squares over the bands that matter for telephone speech.
"""

import argparse
import math
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUTPUTS = {
    ROOT / "firmware" / "native" / "core" / "tables.h": "c",
    ROOT / "firmware" / "media" / "tables.py": "python",
}

SINE_STEPS = 128  # per quarter: linear interpolation between them is good to -94 dB
HALF_BAND_PAIRS = 11  # 43 taps
HALF_BAND_BETA = 4.8
THIRD_BAND_TAPS = 12
# Hz at 48 kHz: the pass band, and the band that would alias into it.
THIRD_BAND_PASS, THIRD_BAND_STOP = (0, 3600), (12000, 20000)


def sine() -> "list[int]":
    return [round(32767 * math.sin(math.pi / 2 * step / SINE_STEPS)) for step in range(SINE_STEPS + 1)]


def bessel(x: float) -> float:
    """I0, the Kaiser window's function, by its series."""
    total = term = 1.0
    for index in range(1, 40):
        term *= (x / (2 * index)) ** 2
        total += term
    return total


def half_band() -> "list[int]":
    """Taps 0, 2, 4 … up to the centre in Q15; the centre is 1/2, the others are 0. They sum to a half."""
    centre = 2 * HALF_BAND_PAIRS - 1
    taps = []
    for index in range(0, centre, 2):
        offset = index - centre
        window = bessel(HALF_BAND_BETA * math.sqrt(1 - (offset / (centre + 1)) ** 2)) / bessel(HALF_BAND_BETA)
        taps.append(math.sin(math.pi * offset / 2) / (math.pi * offset) * window)
    return quantise(taps, 8192)


def third_band() -> "list[float]":
    """The first half of a symmetric low-pass: the least-squares solution of its normal equations."""
    half = THIRD_BAND_TAPS // 2
    matrix = [[0.0] * half for _ in range(half)]
    right = [0.0] * half
    for (low, high), wanted, weight in ((THIRD_BAND_PASS, 1.0, 1.0), (THIRD_BAND_STOP, 0.0, 30.0)):
        for step in range(401):
            angle = 2 * math.pi * (low + (high - low) * step / 400) / 48000
            row = [2 * math.cos(angle * (half - 0.5 - index)) for index in range(half)]
            for i in range(half):
                right[i] += weight * wanted * row[i]
                for j in range(half):
                    matrix[i][j] += weight * row[i] * row[j]
    return solve(matrix, right)


def solve(matrix, right) -> "list[float]":
    """Gaussian elimination; these matrices are symmetric and positive, so no pivot is needed."""
    size = len(right)
    for pivot in range(size):
        for row in range(pivot + 1, size):
            factor = matrix[row][pivot] / matrix[pivot][pivot]
            for column in range(pivot, size):
                matrix[row][column] -= factor * matrix[pivot][column]
            right[row] -= factor * right[pivot]
    result = [0.0] * size
    for row in reversed(range(size)):
        rest = sum(matrix[row][column] * result[column] for column in range(row + 1, size))
        result[row] = (right[row] - rest) / matrix[row][row]
    return result


def quantise(taps, total: int) -> "list[int]":
    """Taps in Q15 that sum to exactly `total`: the largest takes what rounding left over."""
    rounded = [round(tap * total / sum(taps)) for tap in taps]
    rounded[max(range(len(taps)), key=lambda index: rounded[index])] += total - sum(rounded)
    return rounded


def tables() -> "list[tuple[str, str, list[int]]]":
    """(name, what it is, numbers)."""
    third = third_band()
    # Phase 0 of an interpolator uses taps 0 3 6 9, phase 1 taps 1 4 7 10; phase 2 is phase 0 backwards.
    outer = quantise([third[0], third[3], third[5], third[2]], 32768)
    inner = quantise([third[1], third[4]], 16384)
    return [
        ("SINE", "a quarter of a sine, Q15", sine()),
        ("HALF_BAND", "16 -> 8 kHz: every other tap up to the centre, Q15", half_band()),
        ("THIRD_BAND", "48 -> 16 kHz: the first half of the taps, Q15", quantise(third, 16384)),
        ("THIRD_BAND_OUTER", "16 -> 48 kHz: phase 0, Q15; phase 2 is the same backwards", outer),
        ("THIRD_BAND_INNER", "16 -> 48 kHz: the first half of phase 1, Q15", inner),
    ]


def lines(numbers, width: int = 96) -> "list[str]":
    result = [""]
    for number in numbers:
        text = "%d, " % number
        if len(result[-1]) + len(text) > width:
            result.append("")
        result[-1] += text
    return [line.rstrip() for line in result]


def as_c() -> str:
    text = "/* Made by tools/voice_tables.py; change it there. */\n\n#ifndef BAKELITE_TABLES_H\n"
    text += "#define BAKELITE_TABLES_H\n\n#include <stdint.h>\n"
    for name, meaning, numbers in tables():
        text += "\n/* %s */\n" % meaning
        if name == "SINE":
            text += "static const int16_t SINE[%d] = {\n" % len(numbers)
            text += "".join("    %s\n" % line for line in lines(numbers)) + "};\n"
        else:  # as constants, the compiler keeps them in registers
            text += "".join("#define %s_%d (%d)\n" % (name, index, n) for index, n in enumerate(numbers))
    return text + "\n#endif\n"


def as_python() -> str:
    text = '"""Made by tools/voice_tables.py; change it there."""\n\nfrom array import array\n'
    for name, meaning, numbers in tables():
        text += '\n# %s\n%s = array(\n    "h",\n    (\n' % (meaning, name)
        text += "".join("        %s\n" % line for line in lines(numbers)) + "    ),\n)\n"
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, say what is stale")
    options = parser.parse_args()
    stale = []
    for path, language in OUTPUTS.items():
        text = as_c() if language == "c" else as_python()
        if path.exists() and path.read_text() == text:
            continue
        stale.append(str(path.relative_to(ROOT)))
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if options.check and stale:
        print("not as tools/voice_tables.py makes them: %s" % ", ".join(stale), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
