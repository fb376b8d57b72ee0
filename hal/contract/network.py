"""The interface of every network driver."""


class Network:
    """The board's connection to the IP network; after `connect` the driver keeps the link up."""

    state: str  # "down", "connecting" or "up" (there is an address)
    reason: str  # why it is not up, in words for a person, or ""
    address: "str | None"  # our IP address while up
    dns: list  # addresses of the DNS servers from DHCP or from the settings
    rssi: "int | None"  # signal strength in dBm while up, None for a cable
    mac: str  # hardware address, 12 lower-case hexadecimal digits

    def configure(self, settings: dict) -> None:
        """Take `network` of phone.json: `ssid`, `password`, `more` (further networks,
        [(ssid, password)]: the strongest is joined), `hostname`, and for a fixed address all of `address
        netmask gateway dns`. Missing settings keep their value, settings that an interface does not need
        are ignored. They apply from the next `connect`."""

    def connect(self, now: int) -> None:
        """Connect, and reconnect automatically after a lost link, with growing pauses. A link that is up
        with the same settings is kept."""

    def disconnect(self) -> None:
        """Disconnect and stay disconnected."""

    def poll(self, now: int) -> "str | None":
        """The new state if it changed since the last call, else None; call about every 100 ms."""

    def scan(self) -> list:
        """[(name, strength in dBm, whether it requires a password)] of the wireless networks in range: the
        strongest first, each name once, at most 20; [] for Ethernet. Blocks for seconds."""

    def open_access_point(self, name: str, password: str) -> "str | None":
        """Open an access point of that name too, with a password of 8 to 63 characters; returns the phone's
        address in it. None without a radio; OSError if it fails."""

    def close_access_point(self) -> None:
        """Close the access point, if it is open."""
