"""A day of a phone: registered for 24 hours, 500 calls taken, in virtual time; prints the heap in use.

Between calls the clock jumps to the next deadline, by at most a minute, so that tasks that poll ten times a
second do not poll 800,000 times.
"""

import gc
import time

from cost.phone import desk

CALLS = 500
DAY_MS = 86_400_000
EVERY_MS = DAY_MS // CALLS
_JUMP_MS = 60_000


def due_in(phone):
    """ms until the next deadline of the phone's parts, at most a minute."""
    now = time.ticks_ms()
    wait = _JUMP_MS
    for part in (phone.endpoint, phone.call_control, phone.shell):
        deadline = part.deadline()
        if deadline is not None:
            wait = min(wait, max(0, time.ticks_diff(deadline, now)))
    return wait


async def scenario(d):
    elapsed = 0
    in_use = {}

    for number in range(1, CALLS + 1):
        started = time.ticks_ms()
        await d.take_call()
        await d.pass_ms(400)
        await d.end_call()
        while time.ticks_diff(time.ticks_ms(), started) < EVERY_MS:
            time.sleep_ms(due_in(d.phone))
            await d.pass_ms(40)
            assert d.phone.lines[0].state == "registered", d.phone.lines[0].reason
        elapsed += time.ticks_diff(time.ticks_ms(), started)
        if number in (10, CALLS):
            # Not in the middle of an OPTIONS.
            await d.until(lambda: not d.phone.endpoint._clients)
            in_use[number] = d.heap()
            print("row heap-after-%d" % number, in_use[number], "free", gc.mem_free())
    print("row elapsed-s", elapsed // 1000)
    print("row registrations", d.peer.requests["REGISTER"])
    assert not d.phone.endpoint.counters, d.phone.endpoint.counters


desk.run(scenario)
