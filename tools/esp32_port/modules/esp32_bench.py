"""The bench for a phone on the ESP32 port's own network code; Wi-Fi's air and the cable are the model's.

The access points are at first those of hal.sim.radio. 127.x.x.x stands for the network: the phone reaches it
through an interface that is up, and has the address that DHCP gives.
"""

import esp32
import gc
import sys

import esp32_model

import compat
from hal.sim import soc
from hal.sim.radio import Radio
from sip.sending import is_address as is_literal

_port_address = compat.socket_address


class _Radio(Radio):
    """hal.sim.radio's Radio, for commands that change the air; the port does the joining and sending."""

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
        esp32_model.cable(address is not None)
        self._tell()
        if address is None:
            esp32_model.kick(3)


_names = []  # asked of the port's getaddrinfo, which blocks the program until the answer


def _address(host, port):
    if not is_literal(host):
        _names.append(host)
    return _port_address(host, port)


def _chip(bench, command):
    """Report the memory and sockets in use after a garbage collection, and the loaded drivers."""
    gc.collect()
    bench.tell(
        "chip",
        ("heap", gc.mem_alloc()),
        ("system_free", sum([region[1] for region in esp32.idf_heap_info(esp32.HEAP_DATA)])),
        ("sockets", esp32_model.sockets()),
        ("lookups", _names),
        ("drivers", sorted([name[12:] for name in sys.modules if name.startswith("hal.drivers.")])),
        ("counters", esp32_model.counters()),
    )


def _speed(bench, command):
    """Let time pass `times` as fast as the host's, or slow it down: a busy host is not a busy chip."""
    if "slow" in command:
        esp32_model.slow(command["slow"])
    else:
        esp32_model.speed(command["times"])


def _leap(bench, command):
    """Skip that many ms; the simulated hardware outside the port does not see them."""
    bench._world._last += command["ms"]
    esp32_model.leap(command["ms"])


def _nothing():
    pass


def main(arguments):
    soc.Radio = _Radio
    compat.socket_address = _address
    esp32_model.loopback(False)
    from workbench import bench

    bench._make_room_to_poll = _nothing  # the port has no such table, and only ten sockets
    bench._COMMANDS.update({"chip": _chip, "leap": _leap, "speed": _speed})
    return bench.main(arguments)


def start():
    from start import start

    sys.exit(start(lambda: main(sys.argv[1:])))
