"""The Ethernet socket of a simulated board: a transceiver, a cable or not, and a DHCP server behind it."""

import compat


class Cable:
    """`plugged` is a test's to change; what follows takes `link_ms` and then `address_ms`."""

    def __init__(self, clock):
        self._clock = clock
        self.wiring = None  # (mdc, mdio, power, reference clock, address) of the transceiver, if there is one
        self.address = "127.0.0.1"
        self.fixed = None  # (address, netmask, gateway, dns) set by the program
        self.link_ms = 100
        self.address_ms = 100
        self._plugged = True
        self._since = None  # tick since which link and address are being made

    @property
    def plugged(self) -> bool:
        return self._plugged

    @plugged.setter
    def plugged(self, plugged):
        if plugged != self._plugged:
            self._plugged = plugged
            if self._since is not None:
                self._since = self._clock.now()

    def start(self) -> None:
        self._since = self._clock.now()

    def stop(self) -> None:
        self._since = None

    def status(self) -> str:
        """ "stopped", "unplugged", "linked" (no address yet) or "up"."""
        if self._since is None:
            return "stopped"
        passed = compat.ticks_diff(self._clock.now(), self._since)
        if not self._plugged or passed < self.link_ms:
            return "unplugged"
        return "up" if passed >= self.link_ms + self.address_ms else "linked"
