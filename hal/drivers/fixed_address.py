"""The address of a network interface: from the settings, or from DHCP."""

_FIXED = ("address", "netmask", "gateway", "dns")


def apply(interface, settings, was_fixed: bool) -> bool:
    """Give `interface` the address of `settings`, or DHCP if it `was_fixed`; whether it is fixed now."""
    if all(settings.get(name) for name in _FIXED):
        interface.ifconfig(tuple(settings[name] for name in _FIXED))
        return True
    if was_fixed:
        interface.ifconfig("dhcp")
    return False
