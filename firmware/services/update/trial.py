"""The trial of new software at its first start: it confirms itself, or the board rolls back."""

import asyncio
import json

import compat
from compat import const, ticks_diff
from services.update.release import same_version
from services.update.updates import NOTE, read_note, undone_text

# As in boot/main.py. No step of a working phone takes longer.
WATCHDOG_MS = const(60000)
_MINUTE_MS = const(60000)
_STEP_MS = const(1000)
# How long the phone must stay registered, or, if no line was registered before, have a network.
_SETTLE_MS = const(20000)


_feeder = None


def _keep_feeding(slots):
    """Feed the watchdog until the next start, even after the trial, as it cannot be stopped."""
    global _feeder

    async def feed_on(feed):
        while True:
            feed()
            await compat.sleep(_STEP_MS)

    if _feeder is None or _feeder.done():
        _feeder = asyncio.create_task(feed_on(slots.watchdog(WATCHDOG_MS)))


class Trial:
    """`lines` are phone.line.Line objects, `network` is hal.contract.network.Network, `self_test()` returns a
    fault in words, or "". `restart()` restarts the board, which rolls back unless the slot was confirmed.
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
        """Run the trial for at most `trial_min` minutes; without a trial, report the last update's result."""
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
        """Whether a line is registered for long enough. If none was before the update, network and self-test
        do; without a network, the self-test at the end of the trial (`over`)."""
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
        """At a start without a trial: remove the note of an update that worked, or report a rollback."""
        if note.get("state") == "undone":
            return
        if note.get("to") is None or same_version(note["to"], self._version):
            self._storage.remove(NOTE)
            return
        note["state"] = "undone"
        self._storage.write(NOTE, json.dumps(note).encode())
        self._log.error("update: " + undone_text(note))
