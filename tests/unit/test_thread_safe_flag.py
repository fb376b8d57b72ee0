"""compat.ThreadSafeFlag: one task waits, an interrupt sets it at any moment."""

import asyncio

import compat


class Sleeper:
    """A task that waits for the flag again and again; `woken` counts."""

    def __init__(self):
        self.flag = compat.ThreadSafeFlag()
        self.woken = 0
        self.task = asyncio.create_task(self._run())

    async def _run(self):
        while True:
            await self.flag.wait()
            self.woken += 1


async def turns(count=3):
    for _ in range(count):
        await compat.sleep(1)


def run(scenario):
    asyncio.run(scenario())


def test_each_set_wakes_once():
    async def scenario():
        sleeper = Sleeper()
        await turns()
        assert sleeper.woken == 0
        for number in (1, 2, 3):
            sleeper.flag.set()
            await turns()
            assert sleeper.woken == number
        sleeper.task.cancel()

    run(scenario)


def test_set_twice_or_before_anybody_waits_it_wakes_once():
    async def scenario():
        sleeper = Sleeper()
        sleeper.flag.set()
        sleeper.flag.set()
        await turns()
        assert sleeper.woken == 1
        sleeper.flag.set()
        sleeper.flag.clear()
        sleeper.flag.set()
        await turns()
        assert sleeper.woken == 2
        sleeper.task.cancel()

    run(scenario)


def test_who_waits_can_be_cancelled_and_the_flag_used_again():
    async def scenario():
        sleeper = Sleeper()
        await turns()
        sleeper.task.cancel()
        await turns()
        assert sleeper.task.done()
        sleeper.flag.set()
        await sleeper.flag.wait()  # does not block

    run(scenario)


def test_who_is_cancelled_when_it_is_set_ends():
    async def scenario():
        sleeper = Sleeper()
        await turns()
        sleeper.flag.set()
        sleeper.task.cancel()
        await turns()
        assert sleeper.task.done() and sleeper.woken == 0

    run(scenario)
