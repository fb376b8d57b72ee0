"""Who may import whom: docs and diagrams drift, this does not."""

import ast
import sys

from support.mirror import ROOT

# Package -> the packages of the firmware that it may import, itself and `compat` apart; downward only.
LAYERS = {
    "compat": ["voice_core"],  # it receives without allocating
    "sip": [],
    "media": ["native", "voice_core"],  # the C core, through a binding or as a native module
    "services": ["net", "microdot"],  # microdot: the server of the web interface, a pinned package
    "net": ["sip"],
    "phone": ["sip", "media"],
    "ui": ["phone"],
    "app": ["ui", "phone", "sip", "media", "net", "services", "board", "release_key"],
    "start": ["app"],
    "boot": ["start", "machine"],  # the start file of stock images, which must start anything
}

# Room of firmware/sip -> what it may import of sip, itself apart; "sip" are the modules at the top.
SIP_ROOMS = {
    "syntax": ["sip.limits"],  # text and objects, with no state and no time; its bounds are in the one table
    "sip": ["syntax"],
    "agent": ["sip", "syntax"],
    "call": ["agent", "sip", "syntax"],
    "event": ["agent", "sip", "syntax"],
    "server": ["sip", "syntax"],
}
# Where a room is loaded from below, with the first request or call that needs it, and inside a function only.
SIP_UPWARD = {
    "firmware/sip/agent/user_agent.py": ["call", "event"],
    "firmware/sip/agent/trust.py": ["call"],
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


def room_of(name):
    """The room of a dotted name inside sip: "call" of "sip.call.session.Session", "sip" of "sip.endpoint"."""
    part = name.split(".")[1]
    return part if part in SIP_ROOMS else "sip"


def sip_offences(root=ROOT):
    """`file:line: name` of each import inside firmware/sip that SIP_ROOMS and SIP_UPWARD do not allow."""
    found = []
    for path in sorted((root / "firmware" / "sip").rglob("*.py")):
        place = path.relative_to(root).as_posix()
        room = room_of(place.removeprefix("firmware/").removesuffix(".py").replace("/", "."))
        allowed = [room, *SIP_ROOMS[room]]
        for line, name, is_lazy in sip_imports(path):
            target = room_of(name)
            fits = target in allowed or ".".join(name.split(".")[:2]) in allowed
            if not fits and not (is_lazy and target in SIP_UPWARD.get(place, [])):
                found.append(f"{place}:{line}: {name}")
    return found


def sip_imports(path):
    """(line, dotted name, whether inside a function) of what a file imports of sip; names in strings too."""
    tree = ast.parse(path.read_text(), str(path))
    lazy = {
        id(node) for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) for node in ast.walk(each)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "sip":
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}", id(node) in lazy
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("sip."):
                    yield node.lineno, alias.name, id(node) in lazy
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # What `_module` in user_agent.py imports by its name.
            if node.value.count(".") == 1 and node.value.split(".")[0] in SIP_ROOMS and " " not in node.value:
                yield node.lineno, "sip." + node.value, True


def test_the_rooms_of_sip_import_downward_only():
    assert sip_offences() == []


def test_each_rule_of_the_rooms_is_seen(tmp_path):
    """The rules above find what they are for: one offence of each kind, alone in a small tree."""
    for place, text in (
        ("syntax/uri.py", "from sip.endpoint import Endpoint\n"),
        ("syntax/uri.py", "from sip.agent.dialog import Dialog\n"),
        ("endpoint.py", "from sip.agent.dialog import Dialog\n"),
        ("endpoint.py", "def f():\n    from sip.call.session import Session\n"),
        ("agent/dialog.py", "def f():\n    from sip.call.session import Session\n"),
        ("agent/user_agent.py", "from sip.call.session import Session\n"),
        ("agent/user_agent.py", "def f():\n    from sip.server.proxy import Proxy\n"),
        ("agent/trust.py", "def f():\n    from sip.event.notifier import Notifier\n"),
        ("call/session.py", "def f():\n    from sip.event.notifier import Notifier\n"),
        ("call/session.py", "import sip.server.proxy\n"),
        ("event/notifier.py", "from sip.call.session import Session\n"),
        ("event/notifier.py", 'MODULE = "call.session"\n'),
        ("server/proxy.py", "from sip.agent.dialog import Dialog\n"),
        ("server/proxy.py", "from sip.event.pidf import parse\n"),
    ):
        path = tmp_path / "firmware" / "sip" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        assert len(sip_offences(tmp_path)) == 1, (place, text)
        path.unlink()


def circles(graph):
    """Each circle of a graph {node: nodes that it names}, as the sorted nodes that reach each other."""
    reach = {}
    for start in graph:
        seen, waiting = set(), list(graph[start])
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting.extend(graph.get(node, ()))
        reach[start] = seen
    found = {tuple(sorted(b for b in reach[a] if a in reach.get(b, ()))) for a in graph if a in reach[a]}
    return sorted(found)


def test_no_module_of_the_firmware_is_in_a_circle():
    """Whoever reads one file first may read on downward. What is imported inside a function counts, too."""
    files = {}
    for path in sorted((ROOT / "firmware").rglob("*.py")):
        place = path.relative_to(ROOT / "firmware")
        if place.parts[0] != "native":
            files[".".join(place.with_suffix("").parts)] = path
    lazily = {("sip." + place.split("/", 2)[2][:-3].replace("/", ".")) for place in SIP_UPWARD}
    graph = {}
    for name, path in files.items():
        named = set()
        for _, target in imports_of(path):
            for module in (target, target.rpartition(".")[0]):
                if module in files and module != name:
                    upward = name in lazily and module.startswith(("sip.call.", "sip.event."))
                    named.update(() if upward else (module,))
        graph[name] = named
    assert circles(graph) == []
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [("a", "b", "c")]


def test_only_drivers_boards_and_the_simulator_touch_hardware_modules():
    def allowed(place, name):
        if place.parts[:2] in (("hal", "drivers"), ("hal", "sim"), ("firmware", "boot")):
            return True
        if place.parts[0] == "boards":
            return True
        return name.split(".")[0] not in HARDWARE

    assert offences(["firmware", "hal", "boards", "workbench"], allowed) == []


def test_only_a_board_names_drivers():
    def allowed(place, name):
        return (
            place.parts[0] == "boards"
            or place.parts[:2] == ("hal", "drivers")
            or not name.startswith("hal.drivers")
        )

    assert offences(["firmware", "hal", "boards", "workbench", "tools"], allowed) == []


def test_hal_knows_no_firmware():
    def allowed(place, name):
        top = name.split(".")[0]
        return top == "compat" or (top not in LAYERS and top != "workbench")

    assert offences(["hal", "boards"], allowed) == []


def test_what_runs_on_a_chip_imports_nothing_that_micropython_lacks():
    def allowed(place, name):
        return name.split(".")[0] not in ABSENT

    places = ["firmware", "hal/contract", "hal/drivers", "hal/null", "boards"]
    assert offences(places, allowed) == []
