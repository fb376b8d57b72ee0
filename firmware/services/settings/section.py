"""Settings objects and errors: they stay in memory when the modules that read phone.json are let go of."""

import compat


class SettingsError(ValueError):
    """phone.json is invalid. `mistakes` is a list of strings "path: error"."""

    def __init__(self, mistakes):
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class Section:
    """An object of phone.json; its members are attributes. `repr` shows names only: values may be secret."""

    def __repr__(self):
        return "<settings: %s>" % " ".join(sorted(self.__dict__))


def addresses(value) -> list:
    """[(address, port or 0)] of a value of the kind `dns_servers` or `host_and_port`."""
    listed = [value] if isinstance(value, str) else value or []
    return [(each.partition(":")[0], int(each.partition(":")[2] or 0)) for each in listed]


def forget_reader() -> None:
    """Let go of the modules that read phone.json: their tables take 5 KB of heap and are seldom needed."""
    for name in ("newer_settings", "settings", "setting_kinds"):
        compat.forget("services.settings." + name)
