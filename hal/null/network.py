"""No network: never up."""


class Network:
    state = "down"
    reason = "no network interface"
    address = None
    dns = ()
    rssi = None
    mac = "000000000000"

    def configure(self, settings: dict) -> None:
        pass

    def connect(self, now: int) -> None:
        pass

    def disconnect(self) -> None:
        pass

    def poll(self, now: int) -> "str | None":
        return None

    def scan(self) -> list:
        return []

    def open_access_point(self, name: str, password: str) -> "str | None":
        return None

    def close_access_point(self) -> None:
        pass
