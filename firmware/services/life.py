"""Life: runs the phone from power-on, and replaces it by another with every change of the settings.

    life = Life(board, check, make_phone)
    await life.run()                        # until `end`

Without settings, or with invalid ones, Life runs a phone without lines and offers setup (first_start). For
new settings it stops the phone in order and starts another on the same board; the web interface continues.
"""

# These attributes hold objects of higher layers, whose types cannot be imported here.
# mypy: disable-error-code="attr-defined"

import asyncio

import compat
from compat import const
from services.remote_management import Managed
from services.settings import settings_store
from services.settings.section import SettingsError, forget_reader

_IDLE_LOOK_MS = const(200)
# 32 characters that are not mistaken for each other on the display: twelve of them are 60 bits.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


class Life:
    """`check(document)` returns the settings in JSON text, or raises SettingsError; `make_phone(settings)`
    returns a phone with these settings: an app.phone.Phone.

    phone        the phone that runs; None between two phones
    settings     the settings of that phone
    mistakes     the errors in the stored settings; [] for none
    first_start  services.first_start.FirstStart while nobody has set the phone up, else None
    own_network  services.own_network.OwnNetwork while no known network is available, else None
    web          services.web_server.Web, or None
    managed      services.remote_management.Managed: provisioning and syslog
    code         eight digits that only the display shows: they prove that a person is in front of the phone
    wifi_password  of the phone's own access point; only the display shows it
    applying     whether new settings wait for a call to end, or the phone is being replaced
    started      functions (phone), called for each phone before it runs
    port         TCP port of the web interface: -1 as the settings say, 0 any, None no web interface

    `show_reset` is the `show` of services.factory_reset.asked_for.
    """

    def __init__(self, board, check, make_phone, port: "int | None" = -1, show_reset=None):
        self.board = board
        self.check = check
        self.phone = None
        self.settings = None
        self.mistakes = []
        self.first_start = None
        self.own_network = None
        self.web = None
        self.managed = Managed(self)
        self.code = _random(8, "0123456789")
        self.wifi_password = "-".join([_random(4, _LETTERS) for _ in range(3)])
        self.applying = False
        self.started = []
        self._make_phone = make_phone
        self._port = port
        self._show_reset = show_reset
        self._wake = asyncio.Event()
        self._ended = False
        self._trial = None

    async def run(self) -> None:
        """Run phones until `end`."""
        asked = await self._what_a_key_asks()
        try:
            while not self._ended:
                self._begin()
                await self.phone.run()
                self.applying = False
                self._services()
                if asked:
                    asked = False
                    self.open_own_network(stays=True)
                # Settings under test at the first start are not provisioned.
                if not (self.first_start and self.settings.lines):
                    self.managed.serve(self.phone)
                await self._wake.wait()
                self._wake.clear()
                if not self._ended:
                    await self._idle()
                await self.phone.stop()
                self.phone = None
                compat.collect()
        finally:
            self._close()

    def end(self) -> None:
        """Stop the phone in order and let `run` return."""
        self._ended = True
        self._wake.set()

    def restart(self) -> None:
        """Restart with the stored settings, once no call is in progress."""
        self._trial = None
        self.applying = True
        self._wake.set()

    def try_out(self, document) -> None:
        """Restart with settings that are not stored; `document` must have passed `check`."""
        self._trial = document
        self.applying = True
        self._wake.set()

    def set_up(self) -> None:
        """The first start is over: the tested settings are stored."""
        self._end_first_start()
        self.phone.shell.greet(None)
        self._show_code()

    # Inside

    def _begin(self):
        """Make a phone for the settings under test, else for the stored ones."""
        document, self.mistakes = self._trial, []
        self._trial = None
        tried = document is not None
        if not tried:
            document = settings_store.document(self.board.storage)
        phone = None
        if document is not None:
            try:
                self.settings = self.check(document)
                phone = self._make_phone(self.settings)
            except SettingsError as error:
                self.mistakes = error.mistakes
                phone = None if tried else self._by_known_part(document)
        is_new = phone is None
        if phone is None:
            self.settings = self.check(b"{}")
            phone = self._make_phone(self.settings)
        self.phone = phone
        phone.observers.append(self._on_phone)
        if not tried and is_new:
            self._begin_first_start()
        elif not tried:
            self._end_first_start()
        if self.first_start:
            self.first_start.show(phone)
        elif self.own_network:
            phone.shell.greet(self.own_network.rows)
        for function in self.started:
            function(phone)
        for mistake in self.mistakes:
            phone.log.error("settings: " + mistake)

    def _by_known_part(self, document):
        """A phone from the part of newer settings that this version knows; None if that part has no line."""
        from services.settings import newer_settings

        try:
            self.settings = self.check(newer_settings.known_part(document)[0])
            return self._make_phone(self.settings) if self.settings.lines else None
        except ValueError:
            return None
        finally:
            forget_reader()

    def _begin_first_start(self):
        if self.first_start is None:
            from services.first_start import FirstStart

            self.first_start = FirstStart(self)
            self.first_start.begin()

    def _end_first_start(self):
        if self.first_start is not None:
            self.first_start.end()
            self.first_start = None
            compat.forget("services.first_start")

    def _services(self):
        """Start, or stop, the web interface, which outlives the phone."""
        web = self.settings.web
        port = self._port if self._port != -1 else web.port
        if self._port is None or not (web.enabled or self.first_start or self.own_network):
            if self.web:
                self.web.close()
                self.web = None
        elif self.web is None:
            from services.web_server import Web

            self.web = Web(self, port)
            self.web.start()
        elif self._port == -1:
            self.web.listen_on(port)
        if self.web:
            self.web.serve(self.phone)
            self._show_code()

    def _show_code(self):
        """While the web interface has no password, it asks for the code: show that on the status screen."""
        if self.web and self.settings.web.password is None and not self.first_start:
            self.phone.facts.append(("Web code", self.code))

    def _on_phone(self, kind, thing):
        if kind == "lost" and not self.first_start:
            self.open_own_network()
        elif self.own_network and not self.own_network.stays and kind == "network" and thing == "up":
            self.own_network.close()
            self.own_network = None
            compat.forget("services.own_network")
            self.phone.shell.greet(None)
            if not self.settings.web.enabled:
                self._services()

    def open_own_network(self, stays: bool = False) -> None:
        """Open the phone's own wireless network until a known network is available; with `stays`, until the
        restart."""
        if self.own_network is None and self.first_start is None and self.board.network.state != "up":
            from services.own_network import OwnNetwork

            own = OwnNetwork(self, stays)
            if own.open():
                self.own_network = own
                if not self.settings.web.enabled:
                    self._services()
                self.phone.shell.greet(own.rows)

    async def _idle(self):
        """Wait until no call is in progress."""
        while self.phone.call_control.busy:
            await compat.sleep(_IDLE_LOOK_MS)

    async def _what_a_key_asks(self):
        """Check for a key that is held at power-on, and reset the phone if it asks for that. True: open the
        phone's own network."""
        from services import factory_reset

        storage = self.board.storage
        try:
            factory_reset.finish(storage)
            asked = await factory_reset.asked_for(self.board.keypad, self._show_reset or _say_nothing)
            if asked == factory_reset.OWN_NETWORK:
                return True
            if asked:
                factory_reset.reset(storage)
        except OSError as error:
            print("factory reset: %s" % error)
        finally:
            compat.forget("services.factory_reset")
        return False

    def _close(self):
        self._end_first_start()
        if self.own_network:
            self.own_network.close()
        if self.web:
            self.web.close()
            self.web = None


def _random(length, characters):
    """A random string of `length` out of `characters`, uniformly distributed."""
    text = ""
    while len(text) < length:
        byte = compat.urandom(1)[0]
        if byte < 256 - 256 % len(characters):  # other bytes would make some characters more likely
            text += characters[byte % len(characters)]
    return text


def _say_nothing(seconds):
    pass
