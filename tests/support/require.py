"""What a test needs from the machine: where it is missing, the test is skipped by name with what to type.

With REQUIRE_ALL=1 in the environment nothing may be missing: the skip becomes a failure.
"""

import os
import shutil
import socket

import pytest


def require_program(name: str, package: str) -> str:
    """The path of a program; skips the test that asks where it is not installed."""
    # Servers lie in sbin, which is not in everyone's PATH.
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin")
    if path is None:
        missing(name, f"sudo apt-get install {package}")
    return path


def require_ipv6() -> None:
    """Skips the test that asks where this machine has no ::1."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        missing("IPv6 on the loopback interface", "sudo sysctl net.ipv6.conf.lo.disable_ipv6=0")


def missing(what: str, command: str) -> None:
    """Skip the test that asks, or fail it with REQUIRE_ALL=1: `what` is missing, `command` brings it."""
    message = f"{what} is missing: {command}"
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def require_native(architecture: str) -> None:
    """The voice core's module for that architecture can be built here, or the test that asks is skipped."""
    from tools import build_native

    try:
        build_native.build_module(architecture, quiet=True)
    except build_native.BuildError as error:
        missing("the voice core for " + architecture, str(error).splitlines()[-1])
