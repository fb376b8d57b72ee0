"""The Wi-Fi of a simulated board: access points, ESP-IDF's state, and the state in MicroPython's port.

As on a chip, changes are reported by later events, and the reason of the last disconnection is kept until
there is an address again (network_wlan.c, MicroPython 1.26 to 1.29).
"""

ASSOC_LEAVE = 8  # ESP-IDF's wifi_err_reason_t: the station has left
BEACON_TIMEOUT = 200
NO_AP_FOUND = 201
AUTH_FAIL = 202

_FULL_SCAN_MS = 2400  # to scan every channel
_HANDSHAKE_MS = 2500  # until a handshake with a wrong password fails
_BEACONS_MS = 6000  # without a beacon, until an access point counts as lost


class Radio:
    """`access_points` is {ssid: password, or None for an open one}; a test may change it at any time."""

    def __init__(self, clock):
        self._clock = clock
        self.access_points = {"bakelite": None, "office": "correct horse"}
        self.strengths = {}  # ssid -> dBm, if not `rssi`
        self.point = None  # {"ssid", "key", "security"} while the board is an access point itself
        self.point_address = "127.0.0.1"
        self.address = "127.0.0.1"
        self.rssi = -55
        self.join_ms = None  # from connect() to an address or a refusal; None: as long as a chip takes
        self.refusal = AUTH_FAIL  # the reason for a wrong password: 2, 15, 202 or 204
        self.active = False
        self.settings = {"pm": 1, "reconnects": -1}
        self.fixed = None  # (address, netmask, gateway, dns) set by the program
        self.joins = 0  # number of attempts
        # The port's own variables:
        self.reason = 0  # ESP-IDF's reason of the last disconnection
        self.connected = False  # with an address
        self.requested = False
        self.reconnects = 0
        # ESP-IDF's state:
        self.state = "idle"  # "scanning", "joining", "joined", "up"
        self._wanted = (None, None)
        self._left = 0  # ms until the state's end
        self._silence = 0  # ms without a beacon
        self._told_later = []  # reasons of disconnections not yet reported to the port

    # Called by the port

    @property
    def most_reconnects(self) -> int:
        """conf_wifi_sta_reconnects of the port: 0 forever, 1 none."""
        return self.settings["reconnects"] + 1

    def configure(self, ssid, password) -> None:
        self._wanted = (ssid, password)

    def join(self) -> None:
        if not self.active:
            raise OSError("Wifi Not Started")
        if self.state != "idle":
            raise OSError("Wifi Internal Error")
        if not self._wanted[0]:
            raise OSError("Wifi SSID Invalid")
        self.joins += 1
        self.state = "scanning"
        self._left = 900 + 370 * self.joins % 800 if self.join_ms is None else self.join_ms

    def leave(self) -> None:
        """esp_wifi_disconnect(): without an event if the station is idle."""
        if self.state != "idle":
            self._lose(ASSOC_LEAVE)

    def switch(self, on) -> None:
        if self.active and not on:
            self.leave()
        self.active = on

    # Called by tests

    def kick(self, reason) -> None:
        """The access point disconnects the station."""
        if self.state != "idle":
            self._lose(reason)

    def move(self, address) -> None:
        """Give the station another address, as a new lease or another network does; None: the access point
        disconnects all stations and is gone."""
        if address is None:
            self.access_points = {}
            self.kick(3)
        else:
            self.address = address
            self.access_points = dict(self.access_points) or {"bakelite": None}

    # Time

    def advance(self, ms: int) -> None:
        told, self._told_later = self._told_later, []
        for reason in told:
            self._disconnected(reason)
        if self.state == "idle":
            return
        if self.state in ("joined", "up"):
            self._silence = 0 if self._wanted[0] in self.access_points else self._silence + ms
            if self._silence >= _BEACONS_MS:
                self._lose(BEACON_TIMEOUT)
                return
        if self.state != "up":
            self._left -= ms
            if self._left <= 0:
                self._go_on()

    def _go_on(self):
        ssid, password = self._wanted
        hurry = self.join_ms is not None
        if self.state == "scanning":
            self.state = "joining"
            if ssid not in self.access_points:
                self._left = 0 if hurry else _FULL_SCAN_MS - 900
            else:
                wrong = self.access_points[ssid] not in (None, password)
                self._left = 0 if hurry else 300 + (_HANDSHAKE_MS if wrong else 0)
            if self._left:
                return
        if self.state == "joining":
            if ssid not in self.access_points:
                self._lose(NO_AP_FOUND)
                return
            if self.access_points[ssid] not in (None, password):
                self._lose(self.refusal)
                return
            self.state = "joined"
            self._left = 0 if hurry else 400 + 170 * self.joins % 500
            if self._left:
                return
        self.state = "up"
        self.connected = True
        self.reason = 0

    def _lose(self, reason):
        self.state = "idle"
        self._silence = 0
        self._told_later.append(reason)

    def _disconnected(self, reason):
        """The port's handler of WIFI_EVENT_STA_DISCONNECTED."""
        self.reason = reason
        self.connected = False
        if not self.requested or not self.active:
            return
        if self.most_reconnects:
            self.reconnects += 1
            if self.reconnects >= self.most_reconnects:
                return
        if self.state == "idle":
            self.join()
