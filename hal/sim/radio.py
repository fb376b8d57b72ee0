"""The air around a simulated board: access points, and whether the station is joined to one."""

import compat

# ESP-IDF's wifi_err_reason_t, as MicroPython passes it on.
_BEACON_TIMEOUT = 200
_NO_AP_FOUND = 201
_AUTH_FAIL = 202


class Radio:
    """`access_points` is {ssid: password, or None for an open one}; a test's changes take effect at once."""

    def __init__(self, clock):
        self._clock = clock
        self.access_points = {"bakelite": None, "office": "correct horse"}
        self.point = None  # {"ssid", "key", "security"} while the board is an access point itself
        self.point_address = "127.0.0.1"
        self.address = "127.0.0.1"
        self.rssi = -55
        self.join_ms = 100  # from connect() to an address
        self.active = False
        self.requested = None  # (ssid, password) of the connection that the program asked for
        self.since = 0
        self.failure = 0  # ESP-IDF's reason code of the last disconnection
        self.settings = {"pm": 1, "reconnects": -1}
        self.fixed = None  # (address, netmask, gateway, dns) set by the program
        self.joins = 0  # calls of connect()
        self._joined = False
        self._failed = False

    def join(self, ssid, password) -> None:
        self.requested = (ssid, password)
        self.since = self._clock.now()
        self.joins += 1
        self._joined = self._failed = False

    def leave(self) -> None:
        self.requested = None
        self._joined = self._failed = False

    def move(self, address) -> None:
        """Give the station another address, as a new lease or another network does; None: out of range."""
        if address is None:
            self.access_points = {}
        else:
            self.address = address
            self.access_points = dict(self.access_points) or {"bakelite": None}

    def status(self) -> str:
        """ "idle", "connecting", "up", or "failed" (see `failure`)."""
        if not self.active or self.requested is None:
            return "idle"
        if self._failed:
            return "failed"
        ssid, password = self.requested
        refusal = 0
        if ssid not in self.access_points:
            # Once joined, a lost access point shows by its missing beacons.
            refusal = _BEACON_TIMEOUT if self._joined else _NO_AP_FOUND
        elif self.access_points[ssid] not in (None, password):
            refusal = _AUTH_FAIL
        if not self._joined and compat.ticks_diff(self._clock.now(), self.since) < self.join_ms:
            return "connecting"
        self._joined = not refusal
        if not refusal:
            return "up"
        self.failure = refusal
        # With reconnects left the ESP32 goes on trying, and says so.
        self._failed = self.settings["reconnects"] == 0
        return "failed" if self._failed else "connecting"
