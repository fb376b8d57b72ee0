#!/usr/bin/env python3
"""Fuzz the phone's parsers and its dialogs with atheris, from the kept corpus in tests/fuzz/corpus.

Each target (tests/fuzz/targets.py) runs in a process of its own, guided by coverage. New inputs go to
build/fuzz; an input that makes a target raise, hang or grow is left there and named. --keep reduces all
inputs to a small set with the same coverage, which becomes the kept corpus. Needs atheris: `make fuzz`.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.lib import host_path

CORPUS = ROOT / "tests" / "fuzz" / "corpus"
BUILD = ROOT / "build" / "fuzz"
LEDGER = BUILD / "executions.json"

HANG_S = 10
MEMORY_MB = 1024
MAX_KEPT = 200  # inputs of one target
MAX_TRACED = 1500  # inputs that are traced to choose them

# The fuzzer's dictionary: words that coverage alone would take long to find.
WORDS = (
    "SIP/2.0",
    "INVITE",
    "sip:",
    "sips:",
    "tel:",
    "Via: ",
    "From: ",
    "To: ",
    "Call-ID: ",
    "CSeq: ",
    "Contact: ",
    ";tag=",
    ";branch=z9hG4bK",
    ";lr",
    ";rport",
    ";expires=",
    "\r\n\r\n",
    "\r\n ",
    "<sip:a@b>",
    "Content-Length: ",
    "[::1]",
    "%41",
    "Digest ",
    'realm="',
    'nonce="',
    'qop="auth"',
    "v=0\r\n",
    "o=- 1 1 IN IP4 h\r\n",
    "c=IN IP4 ",
    "m=audio 1 RTP/AVP 0",
    "a=rtpmap:",
    "a=fmtp:",
    "a=sendonly",
    "application/sdp",
    "multipart/mixed;boundary=",
    "\r\n--",
)


def read_corpus(name: str) -> "list[bytes]":
    """The kept inputs of a target, one to a line in base64."""
    path = CORPUS / (name + ".txt")
    return [base64.b64decode(line) for line in path.read_text().split()] if path.exists() else []


def write_corpus(name: str, inputs: "list[bytes]") -> None:
    CORPUS.mkdir(exist_ok=True)
    texts = {base64.b64encode(each).decode() for each in inputs if each}
    lines = sorted(texts, key=lambda line: (len(line), line))
    (CORPUS / (name + ".txt")).write_text("".join(line + "\n" for line in lines[:MAX_KEPT]))


def unpack(name: str) -> Path:
    folder = BUILD / name
    folder.mkdir(parents=True, exist_ok=True)
    for each in read_corpus(name):
        (folder / hashlib.sha1(each).hexdigest()).write_bytes(each)
    return folder


def child(name: str, arguments: list) -> None:
    """Fuzz one target in this process; never returns."""
    import atheris

    search()
    with atheris.instrument_imports(include=["sip", "net", "media", "phone", "services"]):
        from fuzz.targets import TARGETS
    atheris.Setup([sys.argv[0], *arguments], TARGETS[name][0])
    atheris.Fuzz()


def search() -> None:
    """Set the module search path of the tests."""
    host_path.use(host_path.TESTS)


def targets() -> dict:
    search()
    from fuzz.targets import TARGETS

    return TARGETS


def start(name: str, longest: int, options: "list[str]") -> subprocess.CompletedProcess:
    folder = unpack(name)
    with tempfile.NamedTemporaryFile("w", suffix=".dict") as words:
        for word in WORDS:
            words.write('"' + "".join(f"\\x{octet:02x}" for octet in word.encode()) + '"\n')
        words.flush()
        command = [
            sys.executable,
            __file__,
            "--child",
            name,
            "--",
            *options,
            f"-max_len={longest}",
            f"-timeout={HANG_S}",
            f"-rss_limit_mb={MEMORY_MB}",
            f"-dict={words.name}",
            "-print_final_stats=1",
            f"-artifact_prefix={BUILD}/{name}-",
            str(folder),
        ]
        return subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, errors="replace")


def fuzz(name: str, longest: int, runs: int, seconds: int) -> bool:
    """Run one target; True if no input made it fail."""
    options = [f"-runs={runs}"] + ([f"-max_total_time={seconds}"] if seconds else [])
    done = start(name, longest, options)
    found = re.findall(r"stat::number_of_executed_units:\s+(\d+)", done.stderr)
    executed = int(found[-1]) if found else 0
    ledger = json.loads(LEDGER.read_text()) if LEDGER.exists() else {}
    ledger[name] = ledger.get(name, 0) + executed
    LEDGER.write_text(json.dumps(ledger, indent=1, sort_keys=True))
    print(f"{name:12} {executed:>10} executions, {ledger[name]:>11} so far", flush=True)
    if done.returncode:
        (BUILD / (name + ".log")).write_text(done.stderr)
        print(f"{name}: found something; see build/fuzz/{name}.log\n{done.stderr[:1500]}", flush=True)
    return done.returncode == 0


def passed(function, octets: bytes) -> set:
    """The steps from line to line of the firmware that `function` takes for an input."""
    steps = set()

    def trace(frame, event, _):
        code = frame.f_code
        if "/firmware/" not in code.co_filename:
            return None
        last = [0]

        def line(frame, event, _):
            steps.add((code, last[0], frame.f_lineno))
            last[0] = frame.f_lineno
            return line

        return line

    sys.settrace(trace)
    try:
        function(octets)
    finally:
        sys.settrace(None)
    return steps


def keep(name: str, function) -> None:
    """Write the kept corpus: the inputs, short ones first, that take a step which no earlier input took."""
    inputs = [path.read_bytes() for path in unpack(name).iterdir()]
    steps: set = set()
    kept = []
    for octets in sorted(inputs, key=lambda each: (len(each), each))[:MAX_TRACED]:
        new = passed(function, octets)
        if not new <= steps:
            steps |= new
            kept.append(octets)
    write_corpus(name, kept)
    print(f"{name}: {len(kept)} of {len(inputs)} inputs kept", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("target", nargs="*", help="which to run (default: all)")
    parser.add_argument("--runs", type=int, default=20_000, help="of each target (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=0, help="end each target after this long")
    parser.add_argument("--keep", action="store_true", help="then renew the kept corpus")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.target)
    known = targets()
    unknown = [name for name in options.target if name not in known]
    if unknown:
        parser.error(f"no such target: {', '.join(unknown)}; there are: {', '.join(known)}")
    BUILD.mkdir(parents=True, exist_ok=True)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    clean = True
    for name in options.target or known:
        clean = fuzz(name, known[name][1], options.runs, options.seconds) and clean
        if options.keep:
            keep(name, known[name][0])
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
