"""What every network interface does."""


class Network:
    """The board's way to the IP network; after `connect` it keeps the link up."""

    state: str  # "down", "connecting" or "up" (there is an address)
    reason: str  # why it is not up, in words for a person; "" when there is nothing to say
    address: "str | None"  # own IP address while up
    dns: list  # addresses of the DNS servers that the network or the settings name; [] for none
    rssi: "int | None"  # signal strength in dBm while up, None for a cable
    mac: str  # hardware address, 12 lower-case hexadecimal digits

    def configure(self, settings: dict) -> None:
        """Take what `network` in phone.json says: `ssid`, `password`, `more` (further networks,
        [(ssid, password)]: the strongest is joined), `hostname`, and for a fixed address all of `address
        netmask gateway dns`. What is not given stays, what an interface has no use for is
        ignored. The next `connect` goes by it."""

    def connect(self, now: int) -> None:
        """Come up, and from then on reconnect automatically after a lost link, with growing pauses. A link
        that is up with these very settings stays as it is."""

    def disconnect(self) -> None:
        """Go down and stay down."""

    def poll(self, now: int) -> "str | None":
        """The new state if it changed since the last call, else None; call every 100 ms or so."""

    def scan(self) -> list:
        """[(name, strength in dBm, whether it asks for a password)] of the wireless networks around: the
        strongest first, each name once, at most 20, and none on a cable. Takes seconds; all else waits."""

    def open_access_point(self, name: str, password: str) -> "str | None":
        """Be a wireless network of that name too, password 8 to 63 characters: the address at which the phone
        is reached in it. None where there is no radio; OSError where it fails."""

    def close_access_point(self) -> None:
        """End that, if it was begun."""
