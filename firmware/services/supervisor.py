"""Keeps tasks running: a task that fails is logged, counted and restarted; the other tasks continue."""

import asyncio

import compat
from compat import const, ticks_diff

_FIRST_PAUSE_MS = const(100)
_MAX_PAUSE_MS = const(5000)
# A task that ran for longer before it failed is restarted after the first pause.
_WELL_MS = const(60000)


class Supervisor:
    """`faults` counts failures by the task's name; they are logged in `log` (services.log.Log)."""

    def __init__(self, log):
        self.faults = {}
        self._log = log
        self._tasks = []

    def start(self, name: str, function) -> "asyncio.Task":
        """Run the coroutine function until it returns; restart it after an exception."""
        task = asyncio.create_task(self._keep(name, function))
        self._tasks = [old for old in self._tasks if not old.done()] + [task]
        return task

    def failed(self, name: str, error: BaseException) -> None:
        """Count and log a failure that was caught elsewhere."""
        self.faults[name] = self.faults.get(name, 0) + 1
        self._log.failure(name, error)
        if isinstance(error, MemoryError):
            compat.collect()

    async def stop(self) -> None:
        """End all tasks, and return when they have ended."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            try:
                await task
            except asyncio.CancelledError:
                pass
        self._tasks = []

    async def _keep(self, name, function):
        pause = _FIRST_PAUSE_MS
        while True:
            started = compat.ticks_ms()
            try:
                return await function()
            except Exception as error:
                self.failed(name, error)
            if ticks_diff(compat.ticks_ms(), started) > _WELL_MS:
                pause = _FIRST_PAUSE_MS
            await compat.sleep(pause)
            pause = min(2 * pause, _MAX_PAUSE_MS)
