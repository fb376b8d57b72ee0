"""The clock of a chip that starts in 2000: what sets it, what is not believed, and what is kept over a restart."""

import asyncio

import compat
from hal.null.storage import Storage
from net import sntp
from services import clock as clock_module
from services import time_sync
from services.clock import DATE, MAX_AGE_S, SNTP, Clock, date_since_1970
from services.log import Log
from support.web import Anything

FLOOR = 1795737600  # 2026-11-27
POWER_ON = 946684800  # 2000-01-01


class Chip:
    """A real-time clock as hal.contract.clock has it, behind `time.gmtime` of services.clock."""

    needs_setting = True

    def __init__(self, seconds=POWER_ON):
        self.is_set = False
        self.seconds = seconds

    def set(self, seconds):
        self.seconds = seconds

    def gmtime(self):
        rest = self.seconds % 86400
        date = date_since_1970(self.seconds // 86400)
        return date + (rest // 3600, rest // 60 % 60, rest % 60, 0, 0)

    localtime = gmtime

    def __enter__(self):
        self._real = clock_module.time
        clock_module.time = self
        return self

    def __exit__(self, *_):
        clock_module.time = self._real


def test_at_the_start_it_is_not_before_the_release_nor_before_what_was_kept():
    for kept, system, expected in (
        (0, POWER_ON, FLOOR),
        (FLOOR - 1, POWER_ON, FLOOR),
        (FLOOR, POWER_ON, FLOOR),
        (FLOOR + 1, POWER_ON, FLOOR + 1),
        (FLOOR + MAX_AGE_S, POWER_ON, FLOOR + MAX_AGE_S),
        (FLOOR + MAX_AGE_S + 1, POWER_ON, FLOOR),
        (FLOOR + 5, FLOOR + 9, FLOOR + 9),  # restarted with the power on
    ):
        with Chip(system) as chip:
            clock = Clock(0, None, chip, FLOOR)
            clock.start_at(kept)
            assert chip.seconds == expected, (kept, system)
            assert clock.now() is None and clock.utc() is None, "nobody has said what time it is"


def test_what_is_believed():
    with Chip() as chip:
        for seconds, is_believed in (
            (None, False),
            (0, False),  # 1970
            (POWER_ON, False),
            (FLOOR - 1, False),
            (FLOOR, True),
            (FLOOR + 1, True),
            (FLOOR + MAX_AGE_S, True),
            (FLOOR + MAX_AGE_S + 1, False),
            (4070908800, False),  # 2099
        ):
            for source in (DATE, SNTP):
                chip.seconds, chip.is_set = POWER_ON, False
                clock = Clock(0, None, chip, FLOOR)
                assert clock.set(seconds, source) is is_believed, seconds
                assert clock.utc() == (seconds if is_believed else None)
                assert chip.seconds == (seconds if is_believed else POWER_ON)


def test_a_date_does_until_sntp_has_answered():
    with Chip() as chip:
        clock = Clock(0, None, chip, FLOOR)
        assert clock.set(FLOOR + 100) and clock.utc() == FLOOR + 100
        assert clock.set(FLOOR + 50) and clock.utc() == FLOOR + 50
        assert clock.set(FLOOR + 10, SNTP) and clock.utc() == FLOOR + 10, "back, too"
        assert clock.set(FLOOR + 9999) and clock.utc() == FLOOR + 10
        assert clock.set(FLOOR + 20, SNTP) and clock.utc() == FLOOR + 20
        # The next phone on this board, with other settings.
        clock = Clock(60, None, chip, FLOOR)
        clock.start_at(0)
        assert clock.utc() == FLOOR + 20 and clock.now()[:5] == (2026, 11, 27, 1, 0)


class Flash(Storage):
    def __init__(self):
        Storage.__init__(self)
        self.writes = 0

    def write(self, name, *pieces):
        self.writes += 1
        Storage.write(self, name, *pieces)


def test_the_flash_is_written_once_a_day():
    storage = Flash()
    for seconds, writes in (
        (FLOOR, 1),
        (FLOOR + 86399, 1),
        (FLOOR + 86400, 2),
        (FLOOR + 86401, 2),
        (FLOOR, 3),
    ):
        time_sync.keep(storage, seconds)
        assert storage.writes == writes, seconds
    assert time_sync.kept(storage) == FLOOR
    for content in (b"", b"x", b"-1", b"1e9", b"9" * 12, "²".encode(), b"12 "):
        Storage.write(storage, time_sync.KEPT, content)
        assert time_sync.kept(storage) == 0, content


def asked(answer, ntp="192.0.2.1"):
    """(phone, chip) after one question to a time server that `answer(*arguments of sntp.ask)` plays."""
    real, pause = sntp.ask, compat.sleep

    async def ask(*arguments):
        return answer(*arguments)

    async def scenario(phone):
        task = asyncio.create_task(time_sync.run(phone))
        for _ in range(5):
            await pause(0)
        await pause(20)
        task.cancel()

    with Chip() as chip:
        clock = Clock(0, None, chip, FLOOR)
        phone = Anything(
            board=Anything(network=Anything(state="up"), storage=Flash(), clock=chip),
            settings=Anything(network=Anything(ntp=ntp)),
            address=("127.0.0.1", 5060),
            waits_for_time=True,
            clock=clock,
            log=Log(),
            resolver=Anything(lookup=lambda name, kind, now: [] if "unknown" in name else ["192.0.2.9"]),
        )
        phone.go_on = lambda: setattr(phone, "waits_for_time", False)
        sntp.ask = ask
        forget, compat.forget = compat.forget, lambda name: None
        try:
            asyncio.run(scenario(phone))
        finally:
            sntp.ask, compat.forget = real, forget
    assert phone.waits_for_time is False, "whatever comes of it, the phone goes on"
    return phone, chip


def test_the_time_servers_word_sets_the_clock_and_is_kept():
    arguments = []

    def answer(*given):
        arguments.append(given[:3])
        return FLOOR + 5

    for ntp, expected in (
        ("192.0.2.1", ("192.0.2.1", 123, FLOOR)),
        ("192.0.2.1:1123", ("192.0.2.1", 1123, FLOOR)),
        ("ntp.example.com", ("192.0.2.9", 123, FLOOR)),
    ):
        phone, chip = asked(answer, ntp)
        assert arguments.pop() == expected
        assert chip.seconds == FLOOR + 5 and time_sync.kept(phone.board.storage) == FLOOR + 5
        assert "time: set by" in str(phone.log.lines())


def test_a_time_server_that_lies_or_is_silent_is_told_in_the_log():
    def silent(*_):
        raise OSError("the time server 192.0.2.1 does not respond")

    for answer, words in (
        (lambda *_: 0, "192.0.2.1 says an impossible time, which is ignored"),
        (lambda *_: 4070908800, "192.0.2.1 says an impossible time, which is ignored"),
        (silent, "the time server 192.0.2.1 does not respond"),
    ):
        phone, chip = asked(answer)
        assert chip.seconds == POWER_ON and phone.board.storage.writes == 0
        assert ("warning", "time: " + words) in phone.log.lines(), phone.log.lines()
    phone, chip = asked(lambda *_: FLOOR, "unknown.example")
    assert ("warning", "time: unknown time server: unknown.example") in phone.log.lines()
