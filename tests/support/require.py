"""Checks what a test needs from the machine: if missing, the test is skipped with the command to install it.

With REQUIRE_ALL=1 in the environment nothing may be missing: the skip becomes a failure.
"""

import os
import shutil
import socket

import pytest


def require_program(name: str, package: str) -> str:
    """The path of a program; skips the calling test where the program is not installed."""
    # Servers lie in sbin, which is not in everyone's PATH.
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin")
    if path is None:
        missing(name, f"sudo apt-get install {package}")
    return path


def require_ipv6() -> None:
    """Skip the calling test where this machine has no ::1."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        missing("IPv6 on the loopback interface", "sudo sysctl net.ipv6.conf.lo.disable_ipv6=0")


def missing(what: str, command: str) -> None:
    """Skip the calling test, or fail it with REQUIRE_ALL=1: `what` is missing, `command` installs it."""
    message = f"{what} is missing: {command}"
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def require_native(architecture: str) -> None:
    """Skip the calling test where the voice core for that architecture cannot be built."""
    from tools import build_native

    try:
        build_native.build_module(architecture, quiet=True)
    except build_native.BuildError as error:
        missing("the voice core for " + architecture, str(error).splitlines()[-1])
