"""Ethernet through the ESP32's own MAC and a transceiver (LAN8720 and its kind) on RMII."""

import network

from compat import const, ticks_diff
from hal.drivers import fixed_address

_SLOW_MS = const(10000)  # without an address for this long, the display says why
_LEASE_MS = const(
    1000
)  # interval of the check whether the address is still ours, which takes 200 bytes of heap
_NOWHERE = "0.0.0.0"


class Network:
    """`options` are those of `network.LAN`: mdc, mdio, power, phy_type, phy_addr, ref_clk, ref_clk_mode.

    A transceiver that does not answer is a `reason`, not an exception. It remains one until a reset, as the
    port cannot make a second attempt after a failed one.
    """

    def __init__(self, **options):
        self._options = options
        self._lan = None
        self._settings: dict = {}
        self._active = False
        self._fixed = False
        self._since = 0
        self._told = "down"
        self.state = "down"
        self.reason = ""
        self.address = None
        self.rssi = None
        self.mac = "0" * 12
        self._open()

    def configure(self, settings: dict) -> None:
        self._settings.update(settings)

    def connect(self, now: int) -> None:
        if self._lan is None and not self._open():
            return
        if self._settings.get("hostname"):
            network.hostname(self._settings["hostname"])
        self._activate(True)
        if self._active:
            self._fixed = fixed_address.apply(self._lan, self._settings, self._fixed)
        self.state = "connecting" if self._active else "down"
        self._since = now

    def disconnect(self) -> None:
        self._activate(False)
        self.state = "down"
        self.reason = ""
        self.address = None

    def poll(self, now: int) -> "str | None":
        if self._active:
            self._look(now)
        if self.state == self._told:
            return None
        self._told = self.state
        return self.state

    @property
    def dns(self) -> list:
        server = self._lan.ifconfig()[3] if self.state == "up" else _NOWHERE
        return [] if server in ("", _NOWHERE) else [server]

    def scan(self) -> list:
        return []

    def open_access_point(self, name: str, password: str) -> "str | None":
        return None

    def close_access_point(self) -> None:
        pass

    def _look(self, now) -> None:
        connected = self._lan.isconnected()
        if connected and self.state == "up" and ticks_diff(now, self._since) < _LEASE_MS:
            return
        address = self._lan.ifconfig()[0] if connected else _NOWHERE
        if address != _NOWHERE:
            self._since = now
            self.state = "up"
            self.reason = ""
            self.address = address
        elif self.state == "up":
            self.state = "connecting"
            self.reason = "the network cable is unplugged"
            self.address = None
            self._since = now
        elif not self.reason and ticks_diff(now, self._since) >= _SLOW_MS:
            self.reason = "no cable, or nobody on it gives out addresses"

    def _open(self) -> bool:
        try:
            self._lan = network.LAN(**self._options)
            self.mac = "".join("%02x" % octet for octet in self._lan.config("mac"))
            self.reason = ""
        except OSError as error:
            self.reason = "Ethernet: %s" % error
        return self._lan is not None

    def _activate(self, on) -> None:
        # The port raises an error if it is done already.
        if self._lan is None or on == self._active:
            return
        try:
            self._lan.active(on)
            self._active = on
            self.reason = ""
        except OSError as error:
            self.reason = "Ethernet: %s" % error
