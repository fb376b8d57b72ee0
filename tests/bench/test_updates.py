"""Updates from version N to N+1 end to end: by the keys, over HTTP, into the other slot, by the start file.

The board's process is the chip: it is reset, hangs, and is started again as one; nobody touches a key after
"Install". What is broken in N+1 is taken back.
"""

import json
import threading

import pytest

from app.phone import VERSION
from support.require import missing
from tools import build_micropython, release
from tools.lib import sim_flash
from tools.lib.bench_client import NotInTime, Phone, Registrar, settings

RUNTIMES = ["cpython", "micropython"]
USERS = {"201": "first secret"}

# In releases of this test time runs faster: the watchdog's minute, a minute of the trial, and how long new
# software must have run well.
WATCHDOG_MS, MINUTE_MS, SETTLE_MS = 6000, 2500, 4000
STARTS_S = 30

# What each N+1 does; a file of it, and what stands there instead.
BROKEN_MAIN = b"this is no Python that anybody can"
HANGING_START = b"def main():\n    start(None)\n\n\ndef start(load):\n    while True:\n        pass\n"
HANGS_LATER = (
    "        self.call_control.start(compat.ticks_ms())\n",
    "        self.call_control.start(compat.ticks_ms())\n"
    "        async def hang():\n"
    "            await compat.sleep(1500)\n"
    "            while True:\n"
    "                pass\n"
    "        self.supervisor.start('hang', hang)\n",
)
CANNOT_REGISTER = ("        for line in self.lines:\n            line.register(self.user_agent, now)\n", "")


def tree(version, *changes):
    """[(path, source)] of the tree at `version`, `changes` being (path, old, new) in it."""
    found = {name: path.read_bytes() for name, path in sim_flash.sources()}
    changes = [
        ("app/phone.py", 'VERSION = "%s"' % VERSION, 'VERSION = "%s"' % version),
        ("services/update/trial.py", "_MINUTE_MS = const(60000)", "_MINUTE_MS = const(%d)" % MINUTE_MS),
        ("services/update/trial.py", "_SETTLE_MS = const(20000)", "_SETTLE_MS = const(%d)" % SETTLE_MS),
        ("services/update/trial.py", "WATCHDOG_MS = const(60000)", "WATCHDOG_MS = const(%d)" % WATCHDOG_MS),
        *changes,
    ]
    for path, old, new in changes:
        text = found[path].decode()
        assert old in text, (path, old)
        found[path] = text.replace(old, new, 1).encode()
    return found


class Board:
    """The flash of a simulated board at 0.1, a server with releases for it, and how to make them."""

    def __init__(self, folder, runtime, key):
        self.flash = folder / "flash"
        self.releases = folder / "releases"
        self.releases.mkdir(parents=True)
        self.runtime = runtime
        self.key = key
        self.known = ("release_key.py", release.public_module(key).encode())
        sim_flash.make(self.flash, self.files(tree("0.1")))
        start = self.flash / "main.py"
        text = start.read_text()
        assert "WATCHDOG_MS = 60000" in text
        start.write_text(text.replace("WATCHDOG_MS = 60000", "WATCHDOG_MS = %d" % WATCHDOG_MS))
        self.server = release.server(self.releases, "127.0.0.1")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]

    def files(self, sources):
        return sim_flash.files(self.runtime, [*sources.items(), self.known])

    def offer(self, version, sources, key=None):
        packed = release.pack(
            key or self.key,
            self.files(sources),
            version=version,
            board="sim",
            kind="folders",
            micropython="1.26",
        )
        (self.releases / "sim.release").write_bytes(packed)

    def phone(self, registrar, trial_min=4):
        config = settings("201", USERS["201"], registrar.address)
        config["update"] = {"url": self.url, "trial_min": trial_min}
        config["web"] = {"enabled": False}
        data = self.flash / "data"
        data.mkdir(exist_ok=True)
        (data / "phone.json").write_text(json.dumps(config))
        options = ["--runtime", self.runtime, "--flash", str(self.flash), "--config", ""]
        return Phone("201", config, options=options, log=self.flash / "log")

    @property
    def slot(self):
        path = self.flash / "slot"
        return path.read_text() if path.exists() else "a"

    def note(self):
        path = self.flash / "data" / "update.json"
        return json.loads(path.read_text()) if path.exists() else None

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def shows(phone, text, timeout=STARTS_S):
    return phone.wait("display", timeout, lambda event: any(text in line for line in event["lines"]))


def press(phone, key, text):
    """Press a key until the display has what it leads to: a busy machine can miss one."""
    for _ in range(4):
        phone.keys(key)
        try:
            return shows(phone, text, 8)
        except NotInTime:
            continue
    return shows(phone, text)


def install(phone):
    """What a person does: Status, Update, Check, Install."""
    phone.wait("ready", STARTS_S)
    phone.wait("line", STARTS_S, state="registered")
    press(phone, "soft4", "Version")
    press(phone, "soft1", "Check")
    press(phone, "soft1", "Install")
    press(phone, "soft1", "is installed")


def version(phone):
    """As the status screen has it, which stays open."""
    phone.keys("back", "back")
    event = press(phone, "soft4", "Version")
    return next(line.split()[1] for line in event["lines"] if line.startswith("Version"))


@pytest.fixture(scope="module")
def key():
    return release.make_key()


@pytest.fixture(scope="module")
def boards(tmp_path_factory, key):
    """A function: runtime -> a fresh Board. Compiling takes seconds, so that is done once."""
    made = []

    def make(runtime):
        if runtime == "micropython" and build_micropython.program(32) is None:
            missing("MicroPython (32-bit)", build_micropython.why_missing(32))
        made.append(Board(tmp_path_factory.mktemp(runtime), runtime, key))
        return made[-1]

    yield make
    for board in made:
        board.close()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_from_one_version_to_the_next_and_on(boards, runtime):
    board = boards(runtime)
    board.offer("0.2", tree("0.2"))
    with Registrar(USERS) as registrar, board.phone(registrar, 20) as phone:
        install(phone)
        phone.wait("ready", STARTS_S)
        phone.wait("line", STARTS_S, state="registered")
        # Longer than the watchdog waits: it runs on, and is fed.
        later = phone.gather(WATCHDOG_MS / 1000 + 1)
        assert not [event for event in later if event["event"] == "ready"]
        assert version(phone) == "0.2"
        assert board.slot == "b" and board.note() is None
        # The same once more has nothing to install; a stranger's release is refused.
        press(phone, "soft1", "Check")
        press(phone, "soft1", "installed already"[:9])
        board.offer("0.3", tree("0.3"), release.make_key())
        press(phone, "soft1", "Update failed")
        assert phone.quit() == 0
    assert "signature is invalid" in (board.flash / "log").read_text()
    assert board.slot == "b"


FAULTS = {
    "does not start": {"app/phone.py": BROKEN_MAIN},
    "hangs at its start": {"start.py": HANGING_START},
    "hangs later": HANGS_LATER,
    "cannot register": CANNOT_REGISTER,
}


@pytest.mark.parametrize(
    "fault, runtime",
    [
        ("does not start", "cpython"),
        ("hangs later", "cpython"),
        ("cannot register", "cpython"),
        ("hangs at its start", "micropython"),
    ],
)
def test_a_broken_one_is_taken_back_without_a_person(boards, runtime, fault):
    board = boards(runtime)
    broken = FAULTS[fault]
    if isinstance(broken, dict):
        sources = dict(tree("0.2"), **broken)
    else:
        sources = tree("0.2", ("app/phone.py", *broken))
    board.offer("0.2", sources)
    with Registrar(USERS) as registrar, board.phone(registrar) as phone:
        install(phone)
        deadline = 60
        while not board.slot.endswith("undone"):
            phone.gather(0.5)
            deadline -= 0.5
            if deadline < 0:
                raise NotInTime("still %r: %s" % (board.slot, (board.flash / "log").read_text()[-2000:]))
        phone.wait("ready", STARTS_S)
        phone.wait("line", STARTS_S, state="registered")
        phone.gather(1)
        assert version(phone) == "0.1"
        assert board.slot == "a undone" and board.note()["state"] == "undone"
        press(phone, "soft1", "0.2 failed its trial"[:10])
        assert phone.quit() == 0
    log = (board.flash / "log").read_text()
    assert "0.2 failed its trial: back on 0.1" in log
    assert ("watchdog: " in log) == fault.startswith("hangs"), log


def test_settings_of_a_newer_version_are_told_and_the_phone_registers():
    """As after a step back: what this version does not know is left out, and the lines are there."""
    with Registrar(USERS) as registrar:
        config = settings("201", USERS["201"], registrar.address)
        config["hologram"] = {"depth": 3}
        config["lines"][0]["mood"] = "calm"
        with Phone("201", None, files={"phone.json": json.dumps(config)}) as phone:
            told = phone.wait("error")["message"] + phone.wait("error")["message"]
            assert "hologram: is not a setting" in told and "lines[0].mood: is not a setting" in told
            phone.wait("line", STARTS_S, state="registered")
            assert phone.quit() == 0
