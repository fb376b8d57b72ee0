"""The first start of new software: it proves itself, or the board goes back to what ran before."""

import asyncio
import json

import compat
from compat import const, ticks_diff
from services.update.release import same_version
from services.update.updates import NOTE, read_note, undone_text

# As the start file's: every step of a phone that lives is shorter.
WATCHDOG_MS = const(60000)
_MINUTE_MS = const(60000)
_STEP_MS = const(1000)
# So long must it have run well: with a registered line, or with a network where no line was before.
_SETTLE_MS = const(20000)


_feeder = None


def _keep_feeding(slots):
    """Until the next start, whatever becomes of the phone on trial: the watchdog cannot be stopped."""
    global _feeder

    async def feed_on(feed):
        while True:
            feed()
            await compat.sleep(_STEP_MS)

    if _feeder is None or _feeder.done():
        _feeder = asyncio.create_task(feed_on(slots.watchdog(WATCHDOG_MS)))


class Trial:
    """`lines` are phone.line.Line objects, `network` is hal.contract.network.Network, `self_test()` returns
    what is wrong, or "". `restart()` restarts the board without a confirmation.
    """

    def __init__(self, *, slots, storage, version, lines, network, self_test, restart, log):
        self._slots = slots
        self._storage = storage
        self._version = version
        self._lines = lines
        self._network = network
        self._self_test = self_test
        self._restart = restart
        self._log = log
        self._well_since = None

    async def run(self, trial_min: int) -> None:
        """Returns when all is said and done."""
        note = read_note(self._storage)
        if self._slots.state != "trial":
            self._settle(note)
            return
        _keep_feeding(self._slots)
        begun = compat.ticks_ms()
        self._log.info("update: %s runs on trial" % self._version)
        while True:
            now = compat.ticks_ms()
            over = ticks_diff(now, begun) > trial_min * _MINUTE_MS
            if self._is_proved(note, now, over):
                self._slots.confirm()
                self._storage.remove(NOTE)
                self._log.info("update: %s is confirmed" % self._version)
                return
            if over:
                self._log.error("update: %s does not register: back to the version before" % self._version)
                self._restart()
                return
            await compat.sleep(_STEP_MS)

    def _is_proved(self, note, now, over):
        """Registered; where no line was before, a network and the self-test; and where there is no network at
        the end of the trial, the self-test."""
        registered = any(line.state == "registered" for line in self._lines)
        if self._network.state != "up":
            self._well_since = None
            return over and self._passes()
        if not registered and self._lines and note.get("registered", True):
            self._well_since = None
            return False
        if self._well_since is None:
            self._well_since = now
        return ticks_diff(now, self._well_since) >= _SETTLE_MS and (registered or self._passes())

    def _passes(self):
        wrong = self._self_test()
        if wrong:
            self._log.error("update: self-test: " + wrong)
        return not wrong

    def _settle(self, note):
        """A start that is no trial: what became of the last update?"""
        if note.get("state") == "undone":
            return
        if note.get("to") is None or same_version(note["to"], self._version):
            self._storage.remove(NOTE)
            return
        note["state"] = "undone"
        self._storage.write(NOTE, json.dumps(note).encode())
        self._log.error("update: " + undone_text(note))
