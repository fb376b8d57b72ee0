"""The bench of a phone whose network is the ESP32 port's own: the air and the cable are the model's.

The access points are those of hal.sim.radio at first, and 127.x.x.x stands for the network: it is reached
through an interface that is up, and the phone's address is what DHCP gives.
"""

import sys

import esp32_model

from hal.sim import soc
from hal.sim.radio import Radio


class _Radio(Radio):
    """hal.sim.radio's, as far as people change it; what joins and sends is the port's."""

    def __init__(self, clock):
        Radio.__init__(self, clock)
        self._tell()

    def _tell(self):
        points = self.access_points
        esp32_model.air([(ssid, points[ssid], self.rssi) for ssid in sorted(points)])

    def move(self, address):
        Radio.move(self, address)
        if address is not None:
            esp32_model.lease(address)
        self._tell()


def main(arguments):
    soc.Radio = _Radio
    esp32_model.loopback(False)
    from workbench import bench

    return bench.main(arguments)


def start():
    from start import start

    sys.exit(start(lambda: main(sys.argv[1:])))
