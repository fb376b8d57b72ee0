"""First start: setup of a phone without settings. The phone is an access point, or on a cable has an address,
and its display shows how to reach the web interface. Settings entered there are tested, and stored if they
work.

Only the display shows the access point's password, or on a cable the code for the web interface: the person
who sets the phone up is in front of it.
"""

# These attributes hold objects of higher layers, whose types cannot be imported here.
# mypy: disable-error-code="attr-defined"

import asyncio

import compat
from compat import const, ticks_add, ticks_diff
from services.settings import settings_store

_LOOK_MS = const(100)
_NETWORK_MS = const(40_000)
_LINES_MS = 20_000
_FAREWELL_MS = const(120_000)  # time for the web interface to show the result


class Step:
    """One step of the test: `state` is "waiting", "running", "ok" or "failed", `text` has details."""

    def __init__(self, name, state="waiting", text=""):
        self.name = name
        self.state = state
        self.text = text

    def end(self, works, text):
        self.state, self.text = "ok" if works else "failed", text


class FirstStart:
    """For `life` (services.life.Life).

    address  the phone's address in its own network; None without such a network
    state    "waiting", "trying", "failed" or "done"
    steps    the steps of the test: [Step]
    """

    def __init__(self, life):
        self.life = life
        self.name = "Bakelite-" + life.board.network.mac[-4:].upper()
        self.address = None
        self.state = "waiting"
        self.steps = []
        self._names = None  # the task that answers DNS queries
        self._trial = None

    def begin(self) -> None:
        """Open the access point; on a cable, use the network."""
        network = self.life.board.network
        # The phone joins no network that the owner has not named.
        network.configure({"ssid": None, "password": None})
        network.disconnect()
        try:
            self.address = network.open_access_point(self.name, self.life.wifi_password)
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
        """Show the setup instructions on the display of `phone`."""
        phone.shell.greet(self.rows)

    def rows(self) -> "tuple[str, list]":
        """Title and rows of the display."""
        if self.state == "trying":
            return "Testing", ["%s: %s" % (step.name, step.text or step.state) for step in self.steps]
        if self.state == "done":
            return "Test passed", ["Web interface:", self._place(self.life.board.network.address)]
        title = "Invalid settings" if self.life.mistakes else "Welcome"
        if self.address:
            rows = ["Join this Wi-Fi:", self.name, "Key: " + self.life.wifi_password, "then open:",
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

    # The test

    def try_out(self, document: bytes, lines: list) -> None:
        """Test the settings in `document`, which has passed `life.check`; `lines` names its lines."""
        self.state = "trying"
        self.steps = [Step("Network", "running")] + [Step(name) for name in lines]
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
                # Repeated attempts to join would disturb the clients of our access point.
                life.board.network.disconnect()
            life.phone.shell.refresh()
            return
        try:
            life.board.storage.write(settings_store.OWN, document)
        except OSError as error:
            self.steps.append(Step("Saving", "failed", str(error)))
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
        is_up = network.state == "up"
        step.end(is_up, network.address if is_up else network.reason or "no answer")
        return is_up

    async def _lines_work(self):
        phone = self.life.phone
        end = ticks_add(compat.ticks_ms(), _LINES_MS)
        for number, line in enumerate(phone.lines):
            step = self.steps[number + 1]
            step.state = "running"
            while not self._works(line) and line.state in ("registering", "off"):
                if ticks_diff(end, compat.ticks_ms()) <= 0:
                    break
                await compat.sleep(_LOOK_MS)
            if self._works(line):
                step.end(True, line.status_text(compat.ticks_ms()))
            else:
                wrong = "the server does not respond" if phone.address else "the SIP port cannot be opened"
                step.end(False, line.reason or wrong)
        return all(step.state == "ok" for step in self.steps)

    def _works(self, line):
        """Whether the line is registered; or is not to be, and the SIP port is open."""
        is_unregistered = line.state == "off" and line.registration is None
        return line.state == "registered" or (is_unregistered and self.life.phone.address is not None)
