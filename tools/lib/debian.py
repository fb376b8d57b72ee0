"""Packages and sources from Debian's archive, without root and without changing the system.

apt works on a root of its own in a folder, with this machine's configuration of the archive (mirror, proxy,
credentials). apt checks the signatures.
"""

import os
import shutil
import subprocess
from pathlib import Path


class DebianError(Exception):
    """A failure, for a person to read."""


def run(*command, **options) -> str:
    """The output of a command; DebianError with the end of its output if it fails."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode:
        tail = "\n".join(result.stdout.splitlines()[-20:])
        raise DebianError(f"{Path(command[0]).name} failed: {tail}")
    return result.stdout


def mirror() -> "tuple[str, str]":
    """(address, suite) of the Debian archive that this machine uses."""
    if not shutil.which("apt-get"):
        raise DebianError("this machine has no apt-get")
    listing = run(
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI)|$(ORIGIN)|$(LABEL)|$(CODENAME)",
        "Created-By: Packages",
    )
    for line in listing.splitlines():
        address, origin, label, suite = line.split("|")
        if (origin, label) == ("Debian", "Debian"):
            return address, suite.split("-")[0]
    raise DebianError("this machine's package lists name no Debian archive (on Debian: apt-get update first)")


class Archive:
    """One suite of Debian's archive for some architectures, with apt's files in a new folder."""

    def __init__(self, folder: Path, suite: str, architectures: "list[str]"):
        address, _ = mirror()
        keyrings = sorted(Path("/usr/share/keyrings").glob("debian-archive-keyring.*"))
        if not keyrings:
            raise DebianError("Debian's archive keys are missing: apt-get install debian-archive-keyring")
        for name in (
            "etc/apt/preferences.d",
            "var/lib/apt/lists/partial",
            "var/lib/dpkg",
            "var/cache/apt/archives/partial",
        ):
            (folder / name).mkdir(parents=True)
        (folder / "var/lib/dpkg/status").touch()
        entry = f"[signed-by={keyrings[0]}] {address} {suite} main\n"
        (folder / "etc/apt/sources.list").write_text(f"deb {entry}deb-src {entry}")
        (folder / "apt.conf").write_text(f"""
            Dir "{folder}";
            Dir::State::status "{folder}/var/lib/dpkg/status";
            Dir::Etc::parts "/etc/apt/apt.conf.d";
            Dir::Etc::netrc "/etc/apt/auth.conf";
            Dir::Etc::netrcparts "/etc/apt/auth.conf.d";
            Dir::Bin::methods "/usr/lib/apt/methods";
            APT::Sandbox::User "root";
            APT::Architectures {{ {" ".join(f'"{name}";' for name in architectures)} }};
            Acquire::Languages "none";
            """)
        self._environment = dict(os.environ, APT_CONFIG=str(folder / "apt.conf"))
        self._apt("update")

    def _apt(self, *command, **options) -> None:
        run("apt-get", "-q", *command, env=self._environment, **options)

    def source(self, package: str, folder: Path) -> None:
        """The archives of a source package, into an existing `folder`."""
        self._apt("source", "--download-only", package, cwd=folder)

    def unpack(self, package: str, folder: Path) -> None:
        """The files of a binary package (`name:architecture`), under a new `folder`."""
        folder.mkdir(parents=True)
        self._apt("download", package, cwd=folder)
        for archive in folder.glob("*.deb"):
            run("dpkg-deb", "-x", archive, folder)
            archive.unlink()
