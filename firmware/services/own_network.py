"""The phone's own wireless network, opened while no known network is available: a wrong Wi-Fi password or a
new router must not require a factory reset. In this network the web interface is reached with its usual
password. Meanwhile the station keeps searching for the known networks.
"""

# These attributes hold objects of higher layers, whose types cannot be imported here.
# mypy: disable-error-code="attr-defined"

import asyncio

import compat


class OwnNetwork:
    """For `life` (services.life.Life). `address`: the phone's address in this network; None without a
    radio. `stays`: the network stays open when a known network is back."""

    def __init__(self, life, stays: bool = False):
        self.stays = stays
        self.name = "Bakelite-" + life.board.network.mac[-4:].upper()
        self.address = None
        self._life = life
        self._names = None  # the task that answers DNS queries

    def open(self) -> bool:
        """Open the access point; False if that is not possible."""
        try:
            self.address = self._life.board.network.open_access_point(self.name, self._life.wifi_password)
        except OSError as error:
            print("access point: %s" % error)
        if self.address:
            from services.captive import answer_all

            self._names = asyncio.create_task(answer_all(self.address))
        return self.address is not None

    def close(self) -> None:
        if self._names is not None:
            self._names.cancel()
        self._life.board.network.close_access_point()
        compat.forget("services.captive")

    def rows(self) -> "tuple[str, list]":
        """Title and rows of the display."""
        life = self._life
        web = life.web
        port = web.address[1] if web and web.address else 80
        then = "then open:" if life.settings.web.password else "code %s, open:" % life.code
        rows = ["Join this Wi-Fi:", self.name, "Password:", life.wifi_password, then,
                "http://%s%s" % (self.address, "" if port == 80 else ":%d" % port)]  # fmt: skip
        return "No network", rows
