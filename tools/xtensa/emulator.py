"""Runs programs and scripts in qemu-xtensa, on the host's files, and counts their instructions on request.

The instructions that the emulated processor executes are counted. An ESP32 now and then saves and loads
register windows in its exception handlers; here the emulator does so, and that is not counted.
"""

import hashlib
import os
import re
import subprocess
from pathlib import Path

from tools.xtensa import port, toolchain
from tools.xtensa.toolchain import ToolError

PLUGIN = toolchain.FOLDER / "count_plugin.c"

# The core nearest to an ESP32's: windows of 64 registers, hardware division, no floats.
QEMU = ["qemu-xtensa", "-cpu", "dc233c"]


def command(program: Path, *arguments, count: bool = False) -> "list[str]":
    """The command that runs a program; with `count`, the program can ask the plugin for its counts."""
    toolchain.require(toolchain.EMULATOR)
    options = ["-plugin", str(plugin())] if count else []
    return [*QEMU, *options, str(program), *map(str, arguments)]


def run_script(script: Path, *arguments, path=(), count: bool = False, timeout: int = 110) -> str:
    """The output of a script on MicroPython; `path` is its sys.path. ToolError if the script fails."""
    whole = command(port.program(), "-p", ":".join(map(str, path)), script, *arguments, count=count)
    return run(whole, timeout)


def run(command: "list[str]", timeout: int = 110) -> str:
    """The output of a program; ToolError if it fails."""
    try:
        result = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        raise ToolError("still running after %d s: %s" % (timeout, " ".join(command)))
    if result.returncode:
        raise ToolError(
            "%s ended with status %d:\n%s" % (command[0], result.returncode, result.stdout[-3000:])
        )
    return result.stdout


def plugin() -> Path:
    """The plugin that counts, built for the installed QEMU."""
    toolchain.require(toolchain.HOST_COMPILER)
    version = re.search(r"version (\d+)", toolchain.run("qemu-xtensa", "--version"))
    interface = 1 if int(version.group(1)) < 9 else 2
    digest = hashlib.sha256(PLUGIN.read_bytes()).hexdigest()[:10]
    built = port.BUILD / ("count_plugin-%d-%s.so" % (interface, digest))
    if not built.exists():
        port.BUILD.mkdir(parents=True, exist_ok=True)
        fresh = built.with_suffix(".%d" % os.getpid())
        toolchain.run(
            "cc",
            "-shared",
            "-fPIC",
            "-O2",
            "-Wall",
            "-fvisibility=hidden",
            "-DPLUGIN_VERSION=%d" % interface,
            "-o",
            fresh,
            PLUGIN,
        )
        fresh.replace(built)
    return built
