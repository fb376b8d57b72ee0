"""Stand-in for `network`: a station that is always connected."""

STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
ADDRESS = "192.0.2.1"
_CONFIGURATION = (
    ADDRESS,
    "255.255.255.0",
    "192.0.2.254",
    "192.0.2.254",
)  # C's own garbage is not the firmware's


def hostname(name=None):
    pass


class WLAN:
    IF_STA = 0
    PM_NONE = 0
    PM_PERFORMANCE = 1

    def __init__(self, interface=0):
        pass

    def active(self, is_active=None):
        return True

    def connect(self, ssid=None, key=None):
        pass

    disconnect = connect

    def isconnected(self):
        return True

    def status(self, what=None):
        return -50 if what else STAT_GOT_IP

    def ifconfig(self, configuration=None):
        return _CONFIGURATION

    def config(self, name=None, **settings):
        return b"\x02\0\0\0\0\1"
