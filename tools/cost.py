#!/usr/bin/env python3
"""Measure what the phone costs: instructions, heap, bytecode. Prints one table and writes docs/cost.md.

Nothing is timed. Emulators of the chips' instruction sets count instructions, heap and bytecode are counted
in bytes, so every run on the same tree and toolchain gives the same numbers. Budgets are in
tests/cost/budgets.toml; tests/cost fails where one is exceeded, or where docs/cost.md is out of date.
"""

import argparse
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import build_frozen, build_micropython, build_native
from tools.build_micropython import BuildError
from tools.lib.debian import DebianError, run
from tools.xtensa import bare, emulator
from tools.xtensa.toolchain import ToolError

TEST = ROOT / "tests" / "cost"
BUDGETS = TEST / "budgets.toml"
PAGE = ROOT / "docs" / "cost.md"
BUILD = ROOT / "build" / "cost"

# A number on the page may be off by this much, or by HAIR. Another release of a compiler differs by less.
SLACK_PERCENT = 3
HAIR = 256

# Programs in C that count instructions, and the core that each runs.
FRAMES_C = (
    ("voice_frames", "voice_core"),
    ("srtp_frames", "srtp_core"),
    ("wide_frames", "wide_core"),
    ("echo_frames", "echo_core"),
)
RV32_FLAGS = [
    "-march=rv32imac_zicsr",
    "-mabi=ilp32",
    "-nostdlib",
    "-Wl,--section-start=.start=0x80000000",
    "-Wl,--entry=0x80000000",
    "-Ttext=0x80000100",
]
QEMU_RV32 = [
    "qemu-system-riscv32",
    "-bios",
    "none",
    "-machine",
    "virt",
    "-display",
    "none",
    "-monitor",
    "none",
    "-semihosting",
    "-icount",
    "shift=0,sleep=off",
    "-serial",
    "stdio",
    "-kernel",
]
TIMEOUT_S = 300

# What runs on the phone.
MANIFESTS = [ROOT / "firmware" / "manifest.py", ROOT / "boards" / "sim" / "manifest.py"]


class Row:
    """`budget` and `value` are in `unit`; `value` is None where it was not measured, `missing` says why."""

    def __init__(self, name: str, what: str, how: str, unit: str, budget: "int | None"):
        self.name = name
        self.what = what
        self.how = how
        self.unit = unit
        self.budget = budget
        self.value: "int | None" = None
        self.missing = ""

    @property
    def exceeded(self) -> bool:
        return self.budget is not None and self.value is not None and self.value > self.budget


def rows() -> "list[Row]":
    """The table, without the numbers."""
    with open(BUDGETS, "rb") as file:
        table = tomllib.load(file)
    return [Row(name, row["what"], row["how"], row["unit"], row.get("budget")) for name, row in table.items()]


# ---- the ways to measure; each returns {row's name: value} ----


def frames_in_c(command: "list[str]", prefix: str) -> "dict[str, int]":
    """Run a program of FRAMES_C; returns the highest count of each case."""
    output = output_of(command)
    cases = re.findall(r"^(\S+) (\d+) ", output, re.MULTILINE)
    return {f"{prefix}-{name}": int(dearest) for name, dearest in cases}


def output_of(command: "list[str]") -> str:
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S
    ).stdout


def on_rv32(name: str, core: str) -> "list[str]":
    """The command that runs a program of FRAMES_C. BuildError says what is missing or failed."""
    build_frozen.check_rv32()
    BUILD.mkdir(parents=True, exist_ok=True)
    program = BUILD / f"{name}.elf"
    sources = [TEST / f"{name}.c", build_native.UNIT.with_name(f"{core}.c"), "-lgcc"]
    options = [*build_native.CORE_FLAGS, "-DCORE=", *RV32_FLAGS]
    run("riscv64-unknown-elf-gcc", *options, "-o", program, *sources)
    return [*QEMU_RV32, str(program)]


def measure_rv32_c() -> "dict[str, int]":
    found = {}
    for name, core in FRAMES_C:
        found.update(frames_in_c(on_rv32(name, core), "c"))
    return found


def measure_xtensa_c() -> "dict[str, int]":
    """The same C in qemu-xtensa, where a plugin counts."""
    found = {}
    try:
        for name, core in FRAMES_C:
            program = BUILD / f"{name}_xtensa"
            sources = [TEST / f"{name}.c", build_native.UNIT.with_name(f"{core}.c")]
            bare.build(sources, program, ["-DCORE=", f'-DMACHINE="{bare.MACHINE}"'])
            found.update(frames_in_c(emulator.command(program, count=True), "xtensa"))
    except ToolError as error:
        raise BuildError(str(error))
    return found


SCENARIO = "import sys; sys.path[:] = {path}; import cost.phone.{scenario}"


def scenario(name: str, platform: str) -> str:
    path = [f".frozen/cost/phone/{platform}", ".frozen/cost/phone/quiet", ".frozen"]
    return SCENARIO.format(path=path, scenario=name)


@functools.cache
def fixed_addresses() -> "list[str]":
    """A command that starts a program at the same addresses each time; [] where the system forbids that.

    The garbage collector takes any word that looks like an address for one. With random addresses a number in
    a packet would keep an object alive in one run and not in the next.
    """
    command = shutil.which("setarch")
    if (
        command
        and subprocess.run([command, "-R", sys.executable, "-c", ""], capture_output=True).returncode == 0
    ):
        return [command, "-R"]
    return []


def run_unix(name: str, heap: str) -> str:
    """The output of the scenario on the unix port, frozen."""
    program = build_frozen.make("unix")
    command = [*fixed_addresses(), str(program), "-X", f"heapsize={heap}", "-c", scenario(name, "unix")]
    result = subprocess.run(
        command,
        cwd=BUILD,
        env={},  # the environment is on the stack, which the garbage collector searches
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TIMEOUT_S,
    )
    return checked(result.stdout, result.returncode)


def run_rv32(name: str) -> str:
    """The output of the scenario in RISC-V emulation, frozen; the scenario is typed into the raw REPL."""
    program = build_frozen.make("rv32")
    typed = f"\x01{scenario(name, 'rv32')}\x04import umachine\numachine.reset()\x04"
    result = subprocess.run(
        [*QEMU_RV32, str(program)], input=typed, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    return checked(result.stdout, result.returncode)


def checked(output: str, status: int) -> str:
    if status or "Traceback" in output:
        raise BuildError("the scenario failed: " + output[-2000:])
    return output


def scenario_rows(output: str, names: "list[str]", prefix: str = "") -> "dict[str, int]":
    found = {name: int(value) for name, value in re.findall(r"row (\S+) (\d+)", output)}
    return {prefix + name: found[name] for name in names}


def measure_rv32_phone() -> "dict[str, int]":
    names = ["voice-loop", "invite", "collection", "idle-20ms", "call-20ms"]
    alone = scenario_rows(run_rv32("rows_alone"), names)
    return alone | scenario_rows(run_rv32("rows"), ["invite", "idle-20ms", "call-20ms"], "small-")


HEAP_PACKAGES = ["-sip", "-phone", "-net", "-ui", "-media", "-services", "-hal", "-others"]


def measure_heap() -> "dict[str, int]":
    parts = [f"modules-{when}{package}" for when in ("idle", "call") for package in ("", *HEAP_PACKAGES)]
    return (
        scenario_rows(run_unix("rows", "400k"), ["heap-idle", "heap-call"])
        | scenario_rows(run_unix("modules", "400k"), parts)
        | scenario_rows(run_unix("usages", "400k"), ["heap-transaction", "heap-dialog", "heap-subscription"])
    )


def measure_allocations() -> "dict[str, int]":
    return scenario_rows(run_unix("locked", "400k"), ["voice-loop-octets"]) | scenario_rows(
        run_unix("garbage", "400k"), ["garbage-idle", "garbage-call"]
    )


# 144 KB for the phone; a chip without PSRAM has 100 to 160 while Wi-Fi is up. In addition, the stand-ins for
# the chip's C modules take 7 KB, and the desk, the peer and their messages up to 5. With 148k some days end
# in a MemoryError; for 0.1.0, 128 KB were enough.
DAY_HEAP = "156k"


def measure_day() -> "dict[str, int]":
    """A day of 500 calls: how much the heap in use grows from the tenth call to the last."""
    found = scenario_rows(run_unix("day", DAY_HEAP), ["heap-after-10", "heap-after-500"])
    return {"day-growth": max(0, found["heap-after-500"] - found["heap-after-10"])}


def measure_bytecode() -> "dict[str, int]":
    """Bytes of .mpy per package, for all modules in the manifests of the firmware and the board."""
    tree = build_micropython.source()
    cross = build_micropython.cross_compiler(tree)
    sys.path.append(str(tree / "tools"))
    from manifestfile import MODE_FREEZE, ManifestFile  # type: ignore[import-not-found]

    sizes: dict = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in MANIFESTS:
            manifest = ManifestFile(MODE_FREEZE, {"MPY_DIR": str(tree), "MPY_LIB_DIR": str(tree / "lib")})
            manifest.execute(str(path))
            for file in manifest.files():
                top = file.target_path.split("/")[0].removesuffix(".py")
                package = "bytecode-" + ("board" if top == "boards" else top)
                sizes[package] = sizes.get(package, 0) + bytecode(cross, Path(file.full_path), Path(folder))
    sizes["bytecode"] = sum(sizes.values())
    return sizes


def bytecode(cross: Path, source: Path, folder: Path) -> int:
    name = str(source.relative_to(ROOT))
    output = folder / "out.mpy"
    run(cross, "-s", name, "-o", output, source)
    return output.stat().st_size


# The longest first.
MEASURES = [
    measure_day,
    measure_rv32_phone,
    measure_rv32_c,
    measure_xtensa_c,
    measure_heap,
    measure_allocations,
    measure_bytecode,
]


def measure() -> "list[Row]":
    """Every row, measured where this machine can."""
    BUILD.mkdir(parents=True, exist_ok=True)
    table = rows()
    values: dict = {}
    reasons = {}
    for kind in build_frozen.PROGRAMS:
        try:
            build_frozen.make(kind)
        except (BuildError, DebianError) as error:
            reasons[kind] = str(error)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for way, result in [(way, pool.submit(way)) for way in MEASURES]:
            try:
                values.update(result.result())
            except (BuildError, DebianError) as error:
                reasons[way.__name__] = str(error)
    for row in table:
        row.value = values.get(row.name)
        if row.value is None:
            row.missing = "; ".join(f"{name}: {reason}" for name, reason in reasons.items()) or "not measured"
    return table


# ---- the table ----


def grouped(number: "int | None") -> str:
    return "–" if number is None else f"{number:,}"


HEAD = """# What it costs

Written by `make cost`; a test keeps it true to within {slack} %, and fails when a budget is exceeded. Budgets
are in [tests/cost/budgets.toml](../tests/cost/budgets.toml).

| what | how counted | measured | must not exceed |
|---|---|---:|---:|
"""

FOOT = """
Instructions are those of the RISC-V that an ESP32-C3 has, counted by QEMU: 250,000 of them in a frame of
20 ms are 8 % of a core at 160 MHz. They run the firmware frozen into MicroPython with the voice core in
C, on the simulated board's drivers; `machine`, `network` and `socket` are stand-ins in Python there,
which takes more than a chip's own in C, and the network stack under a real socket is not in the numbers.
The heap is that of a 32-bit MicroPython with the same firmware frozen, after a collection. Frozen code stays
in flash, but MicroPython makes an object in RAM for every function, and a table of names for every class and
module: that is the larger part of the heap, and its floor. What only calls need is loaded with the first and
let go of after the last, and so are the voice core's state and the buffers of sound, 18 KB: they are all of
the difference between idle and a call that is not modules or the call's own objects.
Garbage is what the heap grows by while nothing is collected: in ten minutes of idle life, keep-alives and the
clock's minutes included, and in a minute of a call, with a packet each way every 20 ms, the screen's seconds
and RTCP. The stand-ins leave nothing behind meanwhile, and what the peer in the same process leaves is taken
off. It is collected after the last call and every ten minutes between calls, in a call after ten minutes in a
pause of what is heard, and not in the first 250 ms of ringing (`firmware/app/memory.py`); on a heap below
300 KB also every 8 KB.
"""


def render(table: "list[Row]") -> str:
    lines = [
        f"| {row.what} | {row.how} | {grouped(row.value)} {row.unit} | {grouped(row.budget)} |"
        for row in table
    ]
    return HEAD.format(slack=SLACK_PERCENT) + "\n".join(lines) + "\n" + FOOT


def documented() -> "dict[str, int]":
    """{what: measured} as docs/cost.md has it."""
    found = {}
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and re.match(r"[\d,]+ ", cells[2]):
            found[cells[0]] = int(cells[2].split(" ")[0].replace(",", ""))
    return found


def is_true(said: int, value: int) -> bool:
    """Whether a number on the page agrees with the measured value, within SLACK_PERCENT or HAIR."""
    return abs(said - value) <= max(HAIR, value * SLACK_PERCENT // 100)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--print-only", action="store_true", help="leave docs/cost.md as it is")
    options = parser.parse_args()
    table = measure()
    width = max(len(row.what) for row in table)
    for row in table:
        mark = "  TOO MUCH" if row.exceeded else ""
        print(f"{row.what:{width}}  {grouped(row.value):>12} {row.unit:13} of {grouped(row.budget):>9}{mark}")
    missing = sorted({row.missing for row in table if row.missing})
    for reason in missing:
        print(f"not measured: {reason}", file=sys.stderr)
    if not options.print_only:
        PAGE.write_text(render(table))
    return 1 if any(row.exceeded for row in table) else 0


if __name__ == "__main__":
    sys.exit(main())
