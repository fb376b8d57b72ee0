"""Stand-in for MicroPython's `network` on the ESP32: a station and an access point on the radio of hal.sim's
current chip."""

from hal.sim.radio import ASSOC_LEAVE
from hal.sim.soc import current

STA_IF = 0
AP_IF = 1
STAT_BEACON_TIMEOUT = 200
STAT_NO_AP_FOUND = 201
STAT_WRONG_PASSWORD = 202
STAT_ASSOC_FAIL = 203
STAT_CONNECT_FAIL = 203
STAT_HANDSHAKE_TIMEOUT = 204
STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
AUTH_OPEN = 0
AUTH_WPA2_PSK = 3

# Kinds of Ethernet transceivers that network.LAN drives.
PHY_LAN8720 = 1

_hostname = ["mpy-esp32s3"]


def hostname(name=None):
    if name is None:
        return _hostname[0]
    if len(name) > 32:
        raise ValueError
    _hostname[0] = name
    return None


class WLAN:
    IF_STA = STA_IF
    IF_AP = AP_IF
    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2

    def __new__(cls, interface_id=STA_IF):
        return _AccessPoint(current().radio) if interface_id == AP_IF else object.__new__(cls)

    def __init__(self, interface_id=STA_IF):
        self._radio = current().radio

    def active(self, is_active=None):
        if is_active is not None:
            self._radio.switch(bool(is_active))
        return self._radio.active

    def connect(self, ssid=None, key=None, *, bssid=None):
        radio = self._radio
        if ssid is not None or key is not None:
            radio.configure(ssid, key)
        radio.reconnects = 0
        radio.join()
        radio.requested = True

    def disconnect(self):
        self._radio.requested = False
        if not self._radio.active:
            raise OSError("Wifi Not Started")
        self._radio.leave()

    def isconnected(self):
        return self._radio.connected

    def status(self, param=None):
        radio = self._radio
        if param == "rssi":
            if radio.state not in ("joined", "up"):
                raise OSError("Wifi Not Connected")
            return radio.rssi
        if param is not None:
            raise ValueError("unknown status param")
        # The order is network_wlan.c's: an old reason hides a current attempt.
        if radio.connected:
            return STAT_GOT_IP
        if radio.reason in (STAT_NO_AP_FOUND, 210, 211, 212):
            return radio.reason
        if radio.reason in (STAT_WRONG_PASSWORD, 205):
            return STAT_WRONG_PASSWORD
        if radio.reason == ASSOC_LEAVE:
            return STAT_IDLE
        if radio.requested and (not radio.most_reconnects or radio.reconnects < radio.most_reconnects):
            return STAT_CONNECTING
        return radio.reason or STAT_IDLE

    def ifconfig(self, config=None):
        if config is not None:
            self._radio.fixed = None if config == "dhcp" else tuple(config)
            return None
        if not self.isconnected():
            return ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")
        address = self._radio.address
        return self._radio.fixed or (address, "255.0.0.0", address, "0.0.0.0")

    def config(self, *names, **settings):
        if names and settings:
            raise TypeError("either pos or kw args are allowed")
        for name in settings:
            if name not in ("pm", "reconnects", "hostname", "txpower", "channel", "protocol"):
                raise ValueError("unknown config param")
            self._radio.settings[name] = settings[name]
        if not names:
            return None
        if names[0] == "mac":
            return current().unique_id
        if names[0] in self._radio.settings:
            return self._radio.settings[names[0]]
        raise ValueError("unknown config param")

    def scan(self):
        if not self._radio.active:
            raise OSError("STA must be active")
        if self._radio.state in ("scanning", "joining"):
            return []  # the port does not report ESP-IDF's error
        current().busy(2400)
        points = self._radio.access_points
        found = []
        for place, name in enumerate(sorted(points)):
            security = AUTH_WPA2_PSK if points[name] else AUTH_OPEN
            strength = self._radio.strengths.get(name, self._radio.rssi - 5 * place)
            found.append((name.encode(), b"\x02\0\0\0\0\1", 6, strength, security, False))
        return found


class _AccessPoint:
    """WLAN(IF_AP): stations that join it would be on the same loopback interface."""

    def __init__(self, radio):
        self._radio = radio
        self._settings = {"ssid": "ESP_000001", "key": "", "security": AUTH_OPEN}

    def active(self, is_active=None):
        if is_active is not None:
            self._radio.point = dict(self._settings) if is_active else None
        return self._radio.point is not None

    def config(self, *names, **settings):
        if settings and self._radio.active and self._radio.point is None:
            raise OSError("Wifi Invalid Mode")  # ESP-IDF is started in another mode
        key = settings.get("key", self._settings["key"])
        if settings.get("security", AUTH_OPEN) != AUTH_OPEN and not 8 <= len(key) <= 63:
            raise OSError("Wifi Invalid Password")
        for name in settings:
            if name not in self._settings:
                raise ValueError("unknown config param")
            self._settings[name] = settings[name]
        if self._radio.point is not None:
            self._radio.point = dict(self._settings)
        return self._settings[names[0]] if names else None

    def ifconfig(self, config=None):
        if config is not None:
            self._radio.point_address = config[0]
            return None
        address = self._radio.point_address
        return (address, "255.255.255.0", address, address)


class LAN:
    """Ethernet by the chip's own MAC (ESP32 only) and a transceiver, through hal.sim.cable. One instance.

    OSError, as from esp_eth_driver_install, unless the pins, the clock and the address are the board's. After
    an error every further attempt fails until a reset.
    """

    def __new__(cls, *positional, **named):
        cable = current().cable
        return cable.lan or object.__new__(cls)

    def __init__(
        self,
        id=None,
        *,
        mdc,
        mdio,
        reset=None,
        power=None,
        phy_addr,
        phy_type,
        ref_clk_mode=None,
        ref_clk=None,
    ):
        soc = current()
        if soc.cable.lan:
            return  # the existing instance
        if not 0 <= phy_addr <= 31:
            raise ValueError("invalid phy address")
        if phy_type != PHY_LAN8720:
            raise ValueError("invalid phy type")
        numbers = [pin.number if pin else None for pin in (mdc, mdio, power, ref_clk)]
        self._cable = soc.cable
        wired = not self._cable.wiring or self._cable.wiring == tuple(numbers) + (phy_addr,)
        if not soc.chip.rmii or not wired or not self._cable.answers:
            self._cable.failed = True
            raise OSError("esp_eth_driver_install failed")
        if self._cable.failed:
            raise OSError("esp_netif_attach failed")
        self._cable.lan = self
        self._active = False

    def active(self, is_active=None):
        if is_active is not None and bool(is_active) != self._active:
            self._active = bool(is_active)
            self._cable.start() if is_active else self._cable.stop()
        return self._active

    def isconnected(self):
        return self._cable.status() == "up"

    def status(self):
        return ("made", "started", "stopped", "linked", "unplugged", "up").index(self._cable.status())

    def ifconfig(self, config=None):
        if config is not None:
            self._cable.fixed = None if config == "dhcp" else tuple(config)
            return None
        if not self.isconnected():
            return ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")
        address = self._cable.address
        return self._cable.fixed or (address, "255.0.0.0", address, "0.0.0.0")

    def config(self, name):
        if name == "mac":
            return current().unique_id
        raise ValueError("unknown config param")
