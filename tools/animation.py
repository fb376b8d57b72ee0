#!/usr/bin/env python3
"""Draw the README's moving picture: 201 calls 202 in the simulator, with both displays and the SIP messages.

The call is made each time by two simulated phones and the registrar, and drawn as an animated SVG. The
displays are the pixels in the display chips' RAM; the arrows are the messages that the registrar received and
sent. The phones' clocks stand still, so that the same tree gives the same picture.
"""

import argparse
import os
import struct
import sys
import tempfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.demo import NAMES, SPEECH, USERS
from tools.lib.bench_client import NotInTime, Phone, Registrar, settings
from tools.lib.ladder import summary

# Fixes the time of day in the phones' processes; their other clocks run on.
CLOCK = """
import time
_fixed = time.struct_time((2026, 11, 27, 9, 41, 0, 4, 331, 0))
_localtime, _gmtime = time.localtime, time.gmtime
time.localtime = lambda *seconds: _localtime(*seconds) if seconds else _fixed
time.gmtime = lambda *seconds: _gmtime(*seconds) if seconds else _fixed
"""

# Seconds from each kind of step to the next; a step of screens or bells takes none.
PAUSES = {"caption": 0.9, "key": 0.3, "message": 0.3, "talk": 1.0, "rest": 2.4}

WIDTH = 880
PIXEL = 2
COLUMNS = {"201": 180, "registrar": 440, "202": 700}
LADDER_TOP = 258
STEP = 17
COLOURS = {"request": "#ffc46b", "good": "#9fd8a0", "bad": "#f08a6e", "voice": "#8fc7ff"}


class Step:
    """One change of the picture: `kind` is a key of PAUSES, "screen", "hook", "bell" or "voice"."""

    def __init__(self, kind: str, phone: str = "", value=None):
        self.kind = kind
        self.phone = phone
        self.value = value


# ---- the call ----


class Scene:
    """Plays the call and keeps `steps`, in the order in which they are drawn."""

    def __init__(self, folder: Path):
        self.steps: "list[Step]" = []
        self._folder = folder
        self._seen = 0
        self._messages: list = []
        self._names: dict = {}

    def play(self) -> "list[Step]":
        registrar = Registrar(USERS, self._on_registrar, options=["--verbose"])
        phones = []
        try:
            for name in USERS:
                config = settings(name, USERS[name], registrar.address, NAMES[name])
                phone = Phone(name, config, log=self._folder / f"{name}.log")
                phones.append(phone)
                self._names[phone.wait("ready")["sip"]] = name
            self._names[registrar.address] = "registrar"
            self._call(*phones)
        finally:
            for program in [*phones, registrar]:
                program.close()
        return self.steps

    def _call(self, one: Phone, two: Phone) -> None:
        for phone in (one, two):
            phone.wait("line", state="registered")
            self._shoot(phone, "registered")
        self._messages.clear()
        self._add("caption", value="201 and 202 are registered")
        one.do("hook", state="off")
        self._add("hook", "201", True)
        self._shoot(one)
        self._add("caption", value="201 lifts the handset and dials")
        for digit in ("2", "20", "202"):
            one.keys(digit[-1])
            self._shoot(one, digit)
            self._add("key")
        one.keys("#")
        two.wait("ringer", on=True)
        one.wait("call", state="ringing")
        self._draw_messages(one)
        self._shoot(one)
        rings = next(i for i, step in enumerate(self.steps) if step.value == ("registrar", "202", "INVITE"))
        self._shoot(two)
        self.steps[rings + 1 : rings + 1] = [self.steps.pop(), Step("bell", "202", True)]
        self._add("caption", value="202 rings")
        self._add("key")
        two.do("hook", state="off")
        self._add("hook", "202", True)
        self._add("bell", "202", False)
        for phone in (one, two):
            phone.wait("call", state="active")
        self._add("caption", value="202 answers")
        self._draw_messages(one)
        for phone in (one, two):
            phone.do("mic", wav=str(SPEECH / f"{phone.name}.wav"))
        self._add("voice")
        for seconds in ("0:01", "0:02", "0:03"):
            for phone in (one, two):
                self._shoot(phone, seconds)
            self._add("talk", value="both speak: G.711, a packet every 20 ms")
        one.do("hook", state="on")
        for phone in (one, two):
            phone.wait("call", state="ended")
        self._add("hook", "201", False)
        self._add("caption", value="201 hangs up")
        self._draw_messages(one)
        for phone in (one, two):
            self._shoot(phone)
        two.do("hook", state="on")
        self._add("hook", "202", False)
        self._add("rest")

    def _add(self, kind: str, phone: str = "", value=None) -> None:
        self.steps.append(Step(kind, phone, value))

    def _shoot(self, phone: Phone, text: str = "") -> None:
        """Add the display as it is once it shows `text`."""
        lines = phone.state()["display"]
        while not any(text in line for line in lines):
            lines = phone.wait("display")["lines"]
        phone.gather(0.15)
        path = self._folder / f"{phone.name}.png"
        phone.do("screenshot", png=str(path))
        phone.state()
        self._add("screen", phone.name, read_png(path))

    def _draw_messages(self, phone: Phone) -> None:
        """Add the messages since the last time, each once: on a busy machine some are sent twice."""
        phone.gather(0.4)
        for message in self._messages[:]:
            if message not in (step.value for step in self.steps[-2:]):
                self._add("message", value=message)
        self._messages.clear()

    def _on_registrar(self, program, event: dict) -> None:
        if event.get("event") == "message":
            pair = [self._names.get(event["peer"]), "registrar"]
            source, destination = reversed(pair) if event["sent"] else pair
            if source and destination:
                self._messages.append((source, destination, summary(event["line"])))


def read_png(path: Path) -> list:
    """Rows of booleans of a one-bit greyscale PNG as the bench writes it; ValueError for another kind."""
    data = path.read_bytes()
    width, height, depth, color = struct.unpack(">IIBB", data[16:26])
    if data[:8] != b"\x89PNG\r\n\x1a\n" or (depth, color) != (1, 0):
        raise ValueError(f"{path}: not a screenshot of the bench")
    packed, at = b"", 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += length + 12
    lines = zlib.decompress(packed)
    stride = (width + 7) // 8 + 1
    return [
        [bool(lines[y * stride + 1 + x // 8] & 0x80 >> x % 8) for x in range(width)] for y in range(height)
    ]


# ---- the picture ----


class Picture:
    """The steps as an SVG. Each element that comes and goes has its own keyframes; all repeat together."""

    def __init__(self, steps: "list[Step]"):
        self._now = 0.0
        self._rules: "list[str]" = []
        self._row = 0
        self._parts: "list[str]" = []
        self._open: dict = {}  # slot -> (since, element) of what is seen there now
        self._length = sum(PAUSES.get(step.kind, 0) for step in steps)
        for step in [Step("hook", "201", False), Step("hook", "202", False), *steps]:
            getattr(self, "_" + step.kind)(step)
            self._now += PAUSES.get(step.kind, 0)
        for slot in list(self._open):
            self._close(slot)
        self._height = LADDER_TOP + 30 + STEP * self._row + 22

    def svg(self, at: "float | None" = None) -> str:
        """The text of the file; with `at`, the animation is stopped after that many seconds."""
        still = (
            ""
            if at is None
            else f"*{{animation-play-state:paused!important;animation-delay:-{at}s!important}}"
        )
        style = (
            f"[class]{{animation:{self._length:g}s infinite step-end}}"
            "@media(prefers-reduced-motion:reduce){[class]{animation:none}}" + "".join(self._rules) + still
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self._height}"'
            " font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace\">\n"
            "<title>201 calls 202 in the simulator: both displays, and the SIP messages</title>\n"
            f"<style>{style}</style>\n{_DEFINITIONS}"
            f'<rect width="{WIDTH}" height="{self._height}" rx="14" fill="#1a110c"/>\n'
            + self._background()
            + "\n".join(self._parts)
            + "\n</svg>\n"
        )

    # Steps

    def _caption(self, step: Step) -> None:
        self._show(
            "caption", f'<text x="440" y="34" font-size="15" {_MIDDLE} fill="#f6ead2">{step.value}</text>'
        )

    def _talk(self, step: Step) -> None:
        if step.value not in self._open.get("caption", (0, ""))[1]:
            self._caption(step)

    def _key(self, step: Step) -> None:
        pass

    _rest = _key

    def _screen(self, step: Step) -> None:
        left, top = COLUMNS[step.phone] - 64 * PIXEL, 92
        place = f'transform="translate({left} {top})scale({PIXEL})" fill="#ffc46b"'
        self._show("screen" + step.phone, f'<path {place} d="{_runs(step.value)}"/>')

    def _hook(self, step: Step) -> None:
        x = COLUMNS[step.phone]
        self._close("up" + step.phone)
        self._close("down" + step.phone)
        if step.value:
            self._show("up" + step.phone, f'<use href="#handset" transform="translate({x} 34)rotate(-7)"/>')
        else:
            self._show("down" + step.phone, f'<use href="#handset" transform="translate({x} 52)"/>')

    def _bell(self, step: Step) -> None:
        if not step.value:
            self._close("bell" + step.phone)
            return
        x = COLUMNS[step.phone]
        waves = ""
        for each in range(3):
            for side in (-1, 1):
                start = f"M{x + side * (118 + 9 * each)} {44 - 4 * each}"
                waves += f'<path d="{start}q{side * (8 + each * 2)} {8 + 4 * each} 0 {16 + 8 * each}"/>'
        self._show("bell" + step.phone, f'<g fill="none" stroke="#ffc46b" stroke-width="2.5">{waves}</g>')

    def _message(self, step: Step) -> None:
        source, destination, text = step.value
        status = text[:3]
        colour = "request" if not status.isdigit() else "bad" if status >= "400" else "good"
        self._arrow(COLUMNS[source], COLUMNS[destination], text[:34], COLOURS[colour])

    def _voice(self, step: Step) -> None:
        left, right, colour = COLUMNS["201"], COLUMNS["202"], COLOURS["voice"]
        y = self._next_row()
        dots = f'stroke="{colour}" stroke-width="3" stroke-dasharray="3 5"'
        line = f'<path d="M{left + 8} {y}H{right - 8}" {dots}/>'
        ends = _head(left, y, -1, colour) + _head(right, y, 1, colour)
        label = _label((left + right) // 2, y, "voice, phone to phone", colour)
        self._show(f"row{y}", f"<g>{line}{ends}{label}</g>")

    def _arrow(self, start: int, end: int, text: str, colour: str) -> None:
        y = self._next_row()
        way = 1 if end > start else -1
        line = f'<path d="M{start} {y}H{end - 6 * way}" stroke="{colour}" stroke-width="1.6"/>'
        label = _label((start + end) // 2, y, text, colour)
        self._show(f"row{y}", f"<g>{line}{_head(end, y, way, colour)}{label}</g>")

    def _next_row(self) -> int:
        self._row += 1
        return LADDER_TOP + 30 + STEP * self._row - 8

    # What comes and goes

    def _show(self, slot: str, element: str) -> None:
        """Show an element from now on, in place of what is in that slot."""
        self._close(slot)
        self._open[slot] = (self._now, element)

    def _close(self, slot: str) -> None:
        if slot not in self._open:
            return
        since, element = self._open.pop(slot)
        name = f"k{len(self._rules)}"
        start, end = (f"{100 * each / self._length:.2f}%" for each in (since, self._now))
        frames = "0%{opacity:0}" if since > 0 else ""
        frames += f"{start}{{opacity:1}}"
        last = self._now >= self._length - 0.001
        frames += "100%{opacity:0}" if last else f"{end}{{opacity:0}}100%{{opacity:0}}"
        self._rules.append(f"@keyframes {name}{{{frames}}}.{name}{{animation-name:{name}}}")
        # Without animation the last state is shown.
        hidden = "" if last else ' opacity="0"'
        self._parts.append(f'<g class="{name}"{hidden}>{element}</g>')

    def _background(self) -> str:
        bottom = self._height - 16
        parts = []
        for name in ("201", "202"):
            x = COLUMNS[name]
            case = "78h264q16 0 18 16l10 132q0 14-14 14h-292q-14 0-14-14l10-132q2-16 18-16z"
            parts.append(f'<path d="M{x - 132} {case}" fill="url(#body)"/>')
            parts.append(f'<rect x="{x - 136}" y="86" width="272" height="140" rx="7" {_GLASS}/>')
        box = (
            f'<rect x="366" y="120" width="148" height="52" rx="9" {_BOX}/>'
            f'<text x="440" y="142" font-size="13" {_MIDDLE} fill="#f6ead2">registrar, proxy</text>'
            f'<text x="440" y="160" font-size="12" {_MIDDLE} fill="#a98f74">tools/pbx.py</text>'
        )
        parts.append(box)
        for name, x in COLUMNS.items():
            text = name if name == "registrar" else f"{name}  {NAMES[name]}"
            parts.append(
                f'<text x="{x}" y="{LADDER_TOP + 2}" font-size="13" {_MIDDLE} fill="#d8c49c">{text}</text>'
            )
            parts.append(f'<path d="M{x} {LADDER_TOP + 12}V{bottom}" stroke="#5a463a" stroke-width="1.5"/>')
        return "\n".join(parts) + "\n"


_MIDDLE = 'text-anchor="middle"'
_GLASS = 'fill="#0d0704" stroke="#a8824a" stroke-width="2"'
_BOX = 'fill="#2b1d15" stroke="#a8824a" stroke-width="1.5"'

_DEFINITIONS = """<defs><linearGradient id="body" x1="0" y1="0" x2="0" y2="1">
<stop offset="0" stop-color="#5a3423"/><stop offset=".5" stop-color="#3a2015"/>
<stop offset="1" stop-color="#24120b"/>
</linearGradient>
<path id="handset" d="M-104 8q-4-26 14-28h26q14 0 15 10q16 6 49 6t49-6q1-10 15-10h26q18 2 14 28
q-1 8-10 8h-38q-9 0-10-8q-20-8-46-8t-46 8q-1 8-10 8h-38q-9 0-10-8z"
 fill="url(#body)" stroke="#c08a6a" stroke-width="1.2"/></defs>
"""


def _runs(rows) -> str:
    """The lit pixels of a display as one path, a rectangle for each run in a row."""
    path, at = "", (0, 0)
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = 0
            while x + run < len(row) and row[x + run]:
                run += 1
            if run:
                path += f"m{x - at[0]} {y - at[1]}h{run}v1h-{run}z"
                at = (x, y)
            x += run + 1
    return path.replace(" -", "-")


def _head(x: int, y: int, way: int, colour: str) -> str:
    return f'<path d="M{x} {y}l{-9 * way}-4v8z" fill="{colour}"/>'


def _label(x: int, y: int, text: str, colour: str) -> str:
    width = 7 * len(text) + 12
    back = f'<rect x="{x - width / 2:g}" y="{y - 7}" width="{width}" height="14" fill="#1a110c"/>'
    return back + f'<text x="{x}" y="{y + 4}" font-size="11.5" {_MIDDLE} fill="{colour}">{text}</text>'


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=ROOT / "docs" / "images" / "call.svg",
        metavar="FILE",
        help="where the picture goes (default: docs/images/call.svg)",
    )
    parser.add_argument(
        "--at",
        type=float,
        action="append",
        default=[],
        metavar="SECONDS",
        help="a still FILE-SECONDS.svg, too",
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sitecustomize.py").write_text(CLOCK)
        os.environ["PYTHONPATH"] = name
        try:
            picture = Picture(Scene(folder).play())
        except NotInTime as error:
            print(f"the call did not go as it should: {error}", file=sys.stderr)
            return 1
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(picture.svg())
    for at in options.at:
        options.output.with_name(f"{options.output.stem}-{at:g}.svg").write_text(picture.svg(at))
    print(f"{options.output}: {options.output.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
