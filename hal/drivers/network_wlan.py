"""Wi-Fi as a station. The driver reconnects, instead of the port: with growing pauses, and with a reason."""

import network

from compat import const, ticks_add, ticks_diff
from hal.drivers import fixed_address

_FIRST_PAUSE_MS = const(1000)
_MAX_PAUSE_MS = const(60000)
_ATTEMPT_MS = const(15000)
_LEASE_MS = const(
    1000
)  # interval of the check whether the address is still ours, which takes 200 bytes of heap
_LEAVE_MS = const(300)  # until a connection has ended after `_leave`
_MAX_FOUND = const(20)
_NETMASK = "255.255.255.0"

# ESP-IDF's disconnection reasons in words for people; MicroPython passes the numbers on.
_REASONS = (
    ((200,), "out of range of the access point"),
    ((201, 210, 211, 212), "access point not found"),
    ((2, 15, 202, 204, 205), "wrong Wi-Fi password"),
)


class Network:
    """`mains`: on mains power, so the radio never sleeps; a sleeping radio delays packets by about 100 ms.

    The port's status may be that of an earlier attempt: it remains the reason of the last disconnection until
    there is an address (network_wlan.c, `status`). So a reason counts only if it differs from the one before
    the attempt; otherwise the attempt ends by time.
    """

    def __init__(self, mains: bool = True):
        self._wlan = network.WLAN(network.WLAN.IF_STA)
        self._mains = mains
        self._settings: dict = {}
        self._point: "network.WLAN | None" = None  # the access point, if open
        self._fixed = False
        self._wanted = False
        self._told = "down"
        self._using = None  # the settings that the connection was made with
        self._before = 0  # the port's status when the attempt began
        self._trying_since = None  # during an attempt
        self._retry_at = None
        self._pause = _FIRST_PAUSE_MS
        self._seen_at = 0  # when `address` was read
        self.state = "down"
        self.reason = ""
        self.address = None
        self.mac = "".join("%02x" % octet for octet in self._wlan.config("mac"))

    def configure(self, settings: dict) -> None:
        self._settings.update(settings)

    def connect(self, now: int) -> None:
        if not self._settings.get("ssid"):
            self.reason = "no Wi-Fi name set"
            return
        if self._wanted and self._using == self._settings and self._wlan.isconnected():
            return  # already connected with these settings
        if self._settings.get("hostname"):
            network.hostname(self._settings["hostname"])
        self._wlan.active(True)
        self._wlan.config(pm=self._wlan.PM_NONE if self._mains else self._wlan.PM_PERFORMANCE, reconnects=0)
        self._fixed = fixed_address.apply(self._wlan, self._settings, self._fixed)
        self._wanted = True
        self._using = dict(self._settings)
        self._pause = _FIRST_PAUSE_MS
        self.state = "connecting"
        self.reason = ""
        self.address = None
        self._join(now)

    def disconnect(self) -> None:
        if self._wanted:
            self._leave()
        self._wanted = False
        self._retry_at = None
        self.state = "down"
        self.reason = ""
        self.address = None

    def poll(self, now: int) -> "str | None":
        if self._wanted:
            self._step(now)
        if self.state == self._told:
            return None
        self._told = self.state
        return self.state

    def scan(self) -> list:
        self._wlan.active(True)
        strongest: dict = {}
        for entry in self._wlan.scan():  # empty during an attempt
            try:
                name = str(entry[0], "utf-8")
            except UnicodeError:
                continue  # nobody could type it
            if name and (name not in strongest or strongest[name][0] < entry[3]):
                strongest[name] = entry[3], entry[4] != 0
        found = [(name, strongest[name][0], strongest[name][1]) for name in strongest]
        found.sort(key=lambda each: -each[1])
        return found[:_MAX_FOUND]

    def open_access_point(self, name: str, password: str) -> "str | None":
        self._point = network.WLAN(network.WLAN.IF_AP)
        # This order works with the station on or off.
        self._point.active(True)
        self._point.config(ssid=name, key=password, security=network.AUTH_WPA2_PSK)
        address = self._point.ifconfig()[0]
        # We are the DNS server, which leads whoever joins to the web interface.
        self._point.ifconfig((address, _NETMASK, address, address))
        return address

    def close_access_point(self) -> None:
        if self._point is not None:
            self._point.active(False)
            self._point = None

    @property
    def dns(self) -> list:
        server = self._wlan.ifconfig()[3] if self.state == "up" else "0.0.0.0"
        return [] if server in ("", "0.0.0.0") else [server]

    @property
    def rssi(self) -> "int | None":
        try:
            return self._wlan.status("rssi") if self.state == "up" else None
        except OSError:
            return None

    def _step(self, now) -> None:
        if self._wlan.isconnected():
            if self._retry_at is not None and ticks_diff(now, self._retry_at) < 0:
                return  # the connection that we left has not ended yet
            if self.state == "up" and ticks_diff(now, self._seen_at) < _LEASE_MS:
                return
            address = self._wlan.ifconfig()[0]
            if address == "0.0.0.0":
                return  # the connection is lost, but not yet reported to the port
            self._seen_at = now
            self._retry_at = None
            self.state = "up"
            self.reason = ""
            self.address = address
            self._pause = _FIRST_PAUSE_MS
            self._trying_since = None
        elif self.state == "up":
            self.state = "connecting"
            self.address = None
            self.reason = _why(self._wlan.status())
            self._try(now)
        elif self._trying_since is not None:
            status = self._wlan.status()
            if status not in (self._before, network.STAT_IDLE, network.STAT_CONNECTING):
                self._failed(_why(status), now)
            elif ticks_diff(now, self._trying_since) >= _ATTEMPT_MS:
                self._leave()
                is_reason = status not in (network.STAT_IDLE, network.STAT_CONNECTING)
                self._failed(_why(status) if is_reason else "no answer from the access point", now)
        elif self._retry_at is not None and ticks_diff(now, self._retry_at) >= 0:
            self._try(now)

    def _join(self, now) -> None:
        if self._wlan.isconnected() or self._trying_since is not None:
            self._leave()
            self._retry_at = ticks_add(now, _LEAVE_MS)
        else:
            self._try(now)

    def _try(self, now) -> None:
        self._trying_since = now
        self._retry_at = None
        try:
            ssid, password = self._nearest()
            self._wlan.connect(ssid, password or None)
        except OSError as error:
            self._leave()
            self._failed("Wi-Fi: %s" % error, now)
        self._before = self._wlan.status()

    def _nearest(self) -> tuple:
        """(name, password) of the strongest known network. With one known network there is no scan, which
        takes seconds."""
        known = [(self._settings["ssid"], self._settings.get("password"))] + (
            self._settings.get("more") or []
        )
        if len(known) > 1:
            for name, _, _ in self.scan():
                for each in known:
                    if each[0] == name:
                        return each
        return known[0]

    def _failed(self, reason, now) -> None:
        self.reason = reason
        self._trying_since = None
        self._retry_at = ticks_add(now, self._pause)
        self._pause = min(2 * self._pause, _MAX_PAUSE_MS)

    def _leave(self) -> None:
        """End an attempt or a connection; the port reports the end some time later."""
        self._trying_since = None
        try:
            self._wlan.disconnect()
        except OSError:
            pass  # there was none


def _why(status) -> str:
    for numbers, words in _REASONS:
        if status in numbers:
            return words
    if status == network.STAT_IDLE:
        return "connection lost"
    return "refused by the access point (%d)" % status
