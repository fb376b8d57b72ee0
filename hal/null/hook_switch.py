"""No hook switch: the handset is always on hook."""


class HookSwitch:
    off_hook = False

    def poll(self, now: int) -> "str | None":
        return None
