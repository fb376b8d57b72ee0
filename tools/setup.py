#!/usr/bin/env python3
"""Make the virtual environment in .venv with the pinned packages of one or more groups.

Runs on the system's python3 and needs nothing else: where Debian's python3-venv and python3-pip are missing,
pip is unpacked from Debian's package beside the environment, without root.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

# Debian's pip trusts the system's certificates. Where there are none, it gets those of Debian's package.
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
CERTIFICATES = VENV / "ca-certificates.pem"

# Group -> (requirements file, folder beside the environment or None for the environment itself).
GROUPS: "dict[str, list[tuple[str, Path | None]]]" = {
    "run": [("requirements/run.txt", VENV / "phone")],
    "native": [("requirements/native.txt", None)],
    "image": [("requirements/image.txt", None), ("requirements/native.txt", None)],
    "flash": [("requirements/flash.txt", None)],
    "release": [
        ("requirements/release.txt", None),
        ("requirements/image.txt", None),
        ("requirements/native.txt", None),
    ],
    # The last file needs packages of those before it.
    "test": [
        ("requirements/native.txt", None),
        ("requirements/image.txt", None),
        ("requirements/flash.txt", None),
        ("requirements/test.txt", None),
    ],
    "fuzz": [("requirements/fuzz.txt", None)],
    "voice": [("requirements/voice.txt", None)],
    "peers": [("requirements/peers.txt", VENV / "peers")],
    "lint": [("requirements/lint.txt", None), ("requirements/stubs.txt", VENV / "stubs")],
}

# Published as source only: two in Python, one in C.
SOURCES = "esptool,pesq,sippy"
# The dependencies of these serve only parts that are not used here.
WITHOUT_DEPENDENCIES = ("peers",)

NO_PIP = """cannot find pip for {python}: it has no ensurepip, no pip, and Debian's package of pip could not
be fetched. Install it and try again:
    sudo apt-get install python3-venv"""


class SetupError(Exception):
    """What is wrong and what to do, for a person to read."""


def works(*command) -> bool:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def make_environment() -> None:
    if PYTHON.exists() and works(PYTHON, "-c", "pass"):
        return
    if sys.version_info < (3, 11):  # noqa: UP036 - said in words before something fails obscurely
        raise SetupError("Python 3.11 or later is needed, this is %d.%d" % sys.version_info[:2])
    print("setup: virtual environment in .venv", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    # --without-pip: venv then works without ensurepip, which Debian packages separately.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", VENV], check=True)


def find_pip() -> list:
    """A command that installs into the environment, by the first way that this machine has."""
    own = [PYTHON, "-m", "pip"]
    if works(*own, "--version"):
        return own
    if works(PYTHON, "-m", "ensurepip") and works(*own, "--version"):
        return own
    systems = [sys.executable, "-m", "pip", "--python", PYTHON]
    if works(*systems, "--version"):
        return systems
    fetch_pip()
    return own


def fetch_pip() -> None:
    """Install pip into the environment from Debian's package, which apt verifies but does not install."""
    print("setup: pip, out of Debian's package python3-pip-whl", flush=True)
    with tempfile.TemporaryDirectory() as work:
        unpacked = download_packages(Path(work), ["python3-pip-whl", "ca-certificates"])
        wheels: "list[Path]" = list(unpacked.glob("usr/share/python-wheels/pip-*.whl"))
        if not wheels:
            raise SetupError(NO_PIP.format(python=sys.executable))
        # A wheel is a zip that Python can run; with it pip installs itself.
        program = wheels[0] / "pip"
        subprocess.run([PYTHON, program, "install", "--quiet", "--no-index", wheels[0]], check=True)
        if not SYSTEM_CERTIFICATES.exists():
            authorities = sorted(unpacked.glob("usr/share/ca-certificates/mozilla/*.crt"))
            CERTIFICATES.write_text("".join(path.read_text() for path in authorities))


def download_packages(work: Path, names: list) -> Path:
    """The folder under `work` with these Debian packages unpacked, as far as they can be downloaded."""
    unpacked = work / "unpacked"
    unpacked.mkdir()
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return unpacked
    # Lists and cache of our own: neither root nor an earlier `apt-get update` is needed.
    for folder in ("lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    options = ["-o", f"Dir::State::lists={work}/lists", "-o", f"Dir::Cache={work}/cache"]
    options += ["-o", "Acquire::Languages=none", "-o", "APT::Sandbox::User=root"]
    if not works("apt-get", *options, "update"):
        options = []
    for name in names:
        subprocess.run(["apt-get", "-qq", *options, "download", name], cwd=work)
    for package in work.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True)
    return unpacked


def install(group: str) -> None:
    make_environment()
    if GROUPS[group]:
        pip = find_pip()
    for requirements, target in GROUPS[group]:
        print(f"setup: {requirements}", flush=True)
        command = [*pip, "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
        command += ["--no-binary", SOURCES]
        command += ["--requirement", ROOT / requirements]
        if CERTIFICATES.exists() and "PIP_CERT" not in os.environ:
            command += ["--cert", CERTIFICATES]
        if group in WITHOUT_DEPENDENCIES:
            command += ["--no-deps"]
        if target:
            shutil.rmtree(target, ignore_errors=True)
            command += ["--target", target]
        if subprocess.run(command).returncode:
            raise SetupError(f"pip could not install {requirements}: its message stands above")
    (VENV / f"ready-{group}").touch()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "groups",
        nargs="*",
        default=["run"],
        metavar="GROUP",
        help="one or more of %s (default: run)" % ", ".join(GROUPS),
    )
    options = parser.parse_args()
    unknown = [group for group in options.groups if group not in GROUPS]
    if unknown:
        parser.error("no such group: %s" % ", ".join(unknown))
    try:
        for group in options.groups:
            install(group)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
