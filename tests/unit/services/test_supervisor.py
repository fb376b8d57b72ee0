import asyncio

import compat
from services.log import Log
from services.supervisor import Supervisor


def test_a_task_that_fails_is_told_and_started_again_and_the_others_go_on():
    async def run():
        log = Log()
        supervisor = Supervisor(log)
        turns, other_turns = [], []

        async def fails_twice():
            turns.append(1)
            if len(turns) < 3:
                raise ValueError("turn %d" % len(turns))

        async def goes_on():
            while True:
                other_turns.append(1)
                await compat.sleep(50)

        other = supervisor.start("other", goes_on)
        await supervisor.start("voice", fails_twice)
        assert supervisor.faults == {"voice": 2}
        assert log.lines() == [("error", "voice: ValueError: turn 1"), ("error", "voice: ValueError: turn 2")]
        assert len(other_turns) >= 3 and not other.done()
        await supervisor.stop()
        assert other.done()

    asyncio.run(run())
