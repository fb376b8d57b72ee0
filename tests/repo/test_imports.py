"""Who may import whom: docs and diagrams drift, this does not."""

import ast
import sys

from support.mirror import ROOT

# Package -> the packages of the firmware that it may import, itself and `compat` apart; downward only.
LAYERS = {
    "compat": ["voice_core"],  # it receives without allocating
    "sip": [],
    "media": ["native", "voice_core"],  # the C core, through a binding or as a native module
    "services": ["net", "microdot"],  # microdot: the server of the web page, a pinned package
    "net": ["sip"],
    "phone": ["sip", "media"],
    "ui": ["phone"],
    "main": ["ui", "phone", "sip", "media", "net", "services", "board", "configured", "updating"],
    "configured": ["phone", "sip", "net", "services"],  # phone.json for the others: a part of main
    "updating": ["services", "net", "media", "ui", "configured", "release_key"],  # a part of main, too
    "start": ["main"],
    "boot": ["start", "machine"],  # the start file of stock images, which must start anything
}

# What the interpreter of an ESP32 image brings and the firmware may use.
BUILT_IN = {
    "array",
    "asyncio",
    "binascii",
    "collections",
    "cryptolib",
    "deflate",
    "errno",
    "framebuf",
    "gc",
    "hashlib",
    "io",
    "json",
    "math",
    "micropython",
    "os",
    "random",
    "re",
    "select",
    "socket",
    "struct",
    "sys",
    "time",
    "tls",
}
HARDWARE = {"bluetooth", "esp", "esp32", "espnow", "machine", "network", "neopixel", "vfs"}
ABSENT = sys.stdlib_module_names - BUILT_IN - {"ssl"}


def imports_of(path):
    """Every (line, dotted name) that a file imports, at whatever level."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import hides whom it names"
            # `from hal import drivers` names hal.drivers as much as `import hal.drivers` does.
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def offences(folders, allowed):
    """`file:line: name` of each import for which allowed(path, name) is false."""
    found = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            place = path.relative_to(ROOT)
            if place.parts[:2] == ("firmware", "native"):
                continue  # C, and bindings for one interpreter each
            for line, name in imports_of(path):
                if not allowed(place, name):
                    found.append(f"{place}:{line}: {name}")
    return found


def test_firmware_imports_downward_only():
    def allowed(place, name):
        layer = place.parts[1].removesuffix(".py")
        top = name.split(".")[0]
        if top == "ssl" and place.as_posix() == "firmware/net/tls.py":
            return True  # CPython's tls
        return top in BUILT_IN or top in (layer, "compat") or top in LAYERS[layer]

    assert offences(["firmware"], allowed) == []


def test_only_drivers_boards_and_the_simulator_touch_hardware_modules():
    def allowed(place, name):
        if place.parts[:2] in (("hal", "drivers"), ("hal", "sim"), ("firmware", "boot")):
            return True
        if place.parts[0] == "boards":
            return True
        return name.split(".")[0] not in HARDWARE

    assert offences(["firmware", "hal", "boards"], allowed) == []


def test_only_a_board_names_drivers():
    def allowed(place, name):
        is_board = place.parts[0] == "boards" and place.name == "board.py"
        return is_board or place.parts[:2] == ("hal", "drivers") or not name.startswith("hal.drivers")

    assert offences(["firmware", "hal", "boards", "tools"], allowed) == []


def test_hal_knows_no_firmware():
    def allowed(place, name):
        # These are no hardware: one holds a whole phone in its hands, the other has learnt to read its font.
        is_person = place.as_posix() in ("hal/sim/bench.py", "hal/sim/screen_text.py")
        return is_person or name.split(".")[0] not in LAYERS or name.split(".")[0] == "compat"

    assert offences(["hal", "boards"], allowed) == []


def test_what_runs_on_a_chip_imports_nothing_that_micropython_lacks():
    def allowed(place, name):
        return name.split(".")[0] not in ABSENT

    places = ["firmware", "hal/contract", "hal/drivers", "hal/null", "boards"]
    assert offences(places, allowed) == []
