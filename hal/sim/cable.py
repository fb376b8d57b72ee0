"""The Ethernet socket of a simulated board: a transceiver, a cable or not, and a DHCP server behind it.

As in ESP-IDF, the driver checks the link every two seconds, and DHCP takes about half a second.
"""

import compat


class Cable:
    """A test may change `plugged`; the link follows within `link_ms`, the address `address_ms` later."""

    def __init__(self, clock):
        self._clock = clock
        self.wiring = None  # (mdc, mdio, power, reference clock, address) of the transceiver, if there is one
        self.answers = True  # whether the transceiver answers
        self.lan = None  # the only network.LAN, once created
        self.failed = False  # creating it has failed; a second attempt fails too
        self.started = False  # it has been started before
        self.address = "127.0.0.1"
        self.fixed = None  # (address, netmask, gateway, dns) set by the program
        self.link_ms = 2000
        self.address_ms = 600
        self.plugged = True
        self._last = None  # tick of the last look at the link, while the driver runs
        self._link = False
        self._linked_at = 0
        self._lost = False  # the link was up before

    def start(self) -> None:
        self.started = True
        self._last = self._clock.now()

    def stop(self) -> None:
        self._last = None
        self._link = self._lost = False

    def status(self) -> str:
        """ "made", "started", "stopped", "unplugged", "linked" (no address yet) or "up"."""
        if self._last is None:
            return "stopped" if self.started else "made"
        now = self._clock.now()
        while compat.ticks_diff(now, self._last) >= self.link_ms:
            self._last = compat.ticks_add(self._last, self.link_ms)
            if self._link != self.plugged:
                self._link = self.plugged
                self._linked_at = self._last
                self._lost = not self.plugged
        if not self._link:
            return "unplugged" if self._lost else "started"
        return "up" if compat.ticks_diff(now, self._linked_at) >= self.address_ms else "linked"
