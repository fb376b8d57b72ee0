"""The interface of every hook switch."""


class HookSwitch:
    """The switch under the handset, debounced."""

    off_hook: bool  # the handset is lifted, as of the last `poll`

    def poll(self, now: int) -> "str | None":
        """ "off" when the handset was lifted since the last call, "on" when it was put down, else None.

        Call every 5 to 50 ms. If the phone starts with its handset lifted, the first result is "off".
        """
