"""First start: nobody has set the phone up. It is an access point (on a cable: it has an address) and shows
on its display how to reach its page; what is typed there is tried out, and kept if it works.

The access point's password, or the code that the page asks for on a cable, stands on the display only: who
sets the phone up stands before it.
"""

# What these attributes hold is of layers above, which cannot be named here.
# mypy: disable-error-code="attr-defined"

import asyncio

import compat
from compat import const, ticks_add, ticks_diff
from services.settings import settings_store

_LOOK_MS = const(100)
_NETWORK_MS = const(40_000)
_LINES_MS = const(20_000)
_FAREWELL_MS = const(120_000)  # the page has told by then what it found


class FirstStart:
    """For `life` (services.life.Life).

    address  at which the phone is reached in its own network; None where it has none
    state    "waiting", "trying", "failed" or "done"
    steps    what is tried out: [[name, "waiting", "running", "ok" or "failed", words], …]
    """

    def __init__(self, life):
        self.life = life
        self.name = "Bakelite-" + life.board.network.mac[-4:].upper()
        self.address = None
        self.state = "waiting"
        self.steps = []
        self._names = None  # the task that answers for every name
        self._trial = None

    def begin(self) -> None:
        """Be reachable."""
        network = self.life.board.network
        # Nothing is joined that the owner has not named.
        network.configure({"ssid": None, "password": None})
        network.disconnect()
        try:
            self.address = network.open_access_point(self.name, self.life.code)
        except OSError as error:
            print("access point: %s" % error)
        if self.address:
            from services.captive import answer_all

            self._names = asyncio.create_task(answer_all(self.address))

    def end(self) -> None:
        for task in (self._names, self._trial):
            if task is not None:
                task.cancel()
        self._names = self._trial = None
        if self.address:
            self.life.board.network.close_access_point()
        compat.forget("services.captive")

    # The display

    def show(self, phone) -> None:
        """Let `phone` show how it is set up."""
        phone.shell.greet(self.rows)

    def rows(self) -> "tuple[str, list]":
        """Title and rows of the display."""
        if self.state == "trying":
            return "Testing", ["%s: %s" % (step[0], step[2] or step[1]) for step in self.steps]
        if self.state == "done":
            return "Test passed", ["Web interface:", self._place(self.life.board.network.address)]
        title = "Invalid settings" if self.life.mistakes else "Welcome"
        if self.address:
            rows = ["Join this Wi-Fi:", self.name, "password " + self.life.code, "then open:",
                    self._place(self.address)]  # fmt: skip
        elif self.life.board.network.address:
            rows = ["Open in a browser:", self._place(self.life.board.network.address), "",
                    "Code " + self.life.code]  # fmt: skip
        else:
            rows = ["Waiting for the", "network", self.life.board.network.reason]
        return title, rows

    def _place(self, address):
        web = self.life.web
        port = web.address[1] if web and web.address else 80
        return "http://%s%s" % (address, "" if port == 80 else ":%d" % port)

    # Trying it out

    def try_out(self, document: bytes, lines: list) -> None:
        """See whether `document`, which has passed `life.check`, works; `lines` names its lines."""
        self.state = "trying"
        self.steps = [["Network", "running", ""]] + [[name, "waiting", ""] for name in lines]
        self._trial = asyncio.create_task(self._try_out(document))

    async def _try_out(self, document):
        life = self.life
        before = life.phone
        life.try_out(document)
        while life.phone is before or life.phone is None or life.applying:
            await compat.sleep(_LOOK_MS)
        works = await self._network_works() and await self._lines_work()
        if not works:
            self.state = "failed"
            if self.address:
                # Looking for it again and again would disturb those who are in our own network.
                life.board.network.disconnect()
            life.phone.shell.refresh()
            return
        try:
            life.board.storage.write(settings_store.OWN, document)
        except OSError as error:
            self.steps.append(["Saving", "failed", str(error)])
            self.state = "failed"
            return
        self.state = "done"
        life.phone.shell.refresh()
        await compat.sleep(_FAREWELL_MS)
        self._trial = None
        life.set_up()

    async def _network_works(self):
        step, network = self.steps[0], self.life.board.network
        end = ticks_add(compat.ticks_ms(), _NETWORK_MS)
        while network.state != "up" and not network.reason and ticks_diff(end, compat.ticks_ms()) > 0:
            await compat.sleep(_LOOK_MS)
        if network.state == "up":
            step[1:] = ["ok", network.address]
            return True
        step[1:] = ["failed", network.reason or "no answer"]
        return False

    async def _lines_work(self):
        phone = self.life.phone
        end = ticks_add(compat.ticks_ms(), _LINES_MS)
        for number, line in enumerate(phone.lines):
            step = self.steps[number + 1]
            step[1] = "running"
            while line.state in ("registering", "off") and ticks_diff(end, compat.ticks_ms()) > 0:
                if line.state == "off" and line.registration is None and phone.address:
                    break  # it is not to be registered
                await compat.sleep(_LOOK_MS)
            if line.state in ("registered", "off"):
                step[1:] = ["ok", line.status_text(compat.ticks_ms())]
            else:
                step[1:] = ["failed", line.reason or "the server does not respond"]
        return all(step[1] == "ok" for step in self.steps)
