"""The phone's own wireless network, while none of those that it knows is to be had: a wrong password or
another router must not cost its accounts and phone book. The web interface is reached in this network, with
the same password as before. Meanwhile the station goes on looking for the networks that it knows.
"""

# What these attributes hold is of layers above, which cannot be named here.
# mypy: disable-error-code="attr-defined"

import asyncio

import compat


class OwnNetwork:
    """For `life` (services.life.Life). `address`: at which the phone is reached; None where it has no
    radio. `stays`: it does not go when another network is there."""

    def __init__(self, life, stays: bool = False):
        self.stays = stays
        self.name = "Bakelite-" + life.board.network.mac[-4:].upper()
        self.address = None
        self._life = life
        self._names = None  # the task that answers for every name

    def open(self) -> bool:
        """Be reachable; False where that cannot be."""
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
