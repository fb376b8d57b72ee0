"""The log in flash: bounded, in order, over restarts; and how seldom it is written."""

from hal.null.storage import Storage
from phone.late_writes import APART_MS, GATHER_MS, MAX_WAIT_MS, LateWrites
from services import journal
from services.log import MAX_LINES, Log


class Counting(Storage):
    writes = 0

    def write(self, name, *pieces):
        self.writes += 1
        Storage.write(self, name, *pieces)


def text_of(storage, log):
    return b"".join(journal.pieces(storage, log)).decode()


def test_what_is_saved_is_there_after_a_restart_and_nothing_twice():
    storage, waiting = Storage(), []
    log = Log(later=waiting.append, storage=storage, now=lambda: (2026, 11, 27, 13, 5, 9, 4))
    log.info("one")
    log.warning("two")
    assert waiting == [log, log]
    assert text_of(storage, log) == "2026-11-27T13:05:09 info one\n2026-11-27T13:05:09 warning two\n"
    log.save()
    log.error("three")
    again = Log(storage=storage)
    assert text_of(storage, again).split("\n")[:2] == [
        "2026-11-27T13:05:09 info one",
        "2026-11-27T13:05:09 warning two",
    ]
    assert text_of(storage, log).count("\n") == 3
    log.save()
    assert text_of(storage, log).count("\n") == 3 and log.rows() == []
    assert log.lines()[-1] == ("error", "three")


def test_without_the_time_a_line_says_how_long_the_phone_runs():
    log = Log()
    log.info("one")
    assert log.rows(1)[0][:2] == "+0" and log.rows(1)[0].endswith("s info one")


def test_debug_lines_are_not_stored():
    storage, waiting = Storage(), []
    log = Log("debug", later=waiting.append, storage=storage)
    log.debug("secretive")
    assert waiting == [] and "secretive" in text_of(storage, log)
    log.info("one")
    log.save()
    assert "secretive" not in text_of(storage, log) and " info one\n" in text_of(storage, log)


def test_the_files_are_bounded_and_the_newest_lines_are_kept():
    storage = Storage()
    log = Log(storage=storage)
    for number in range(400):
        log.info("%d %s" % (number, "x" * 100))
        if number % 3 == 0:
            log.save()
    for name in (journal.NAME, journal.OLD):
        assert len(storage.read(name)) <= journal.MAX_LENGTH
    numbers = [int(row.split(" ")[2]) for row in text_of(storage, log).split("\n")[:-1]]
    assert numbers == list(range(numbers[0], 400)) and len(numbers) > 40
    for _ in range(3 * MAX_LINES):
        log.info("é" * 200)
    log.save()
    assert len(storage.read(journal.NAME)) <= journal.MAX_LENGTH


def test_a_storage_that_is_full_costs_the_log_only():
    class Full(Storage):
        def write(self, name, *pieces):
            raise OSError(28)

    log = Log(storage=Full())
    log.info("one")
    log.save()
    assert log.lines() == [("info", "one")]


def test_it_is_written_every_half_minute_at_most_and_never_in_a_call():
    storage = Counting()
    writes = LateWrites()
    log = Log(later=writes.later, storage=storage)
    now = 0
    for second in range(600):
        log.info("line %d" % second)
        for _ in range(10):
            writes.poll(now, True)
            now += 100
    assert storage.writes == 0, "in a call"
    before, last = 0, None
    for second in range(600):
        log.info("line %d" % second)
        for _ in range(10):
            writes.poll(now, False)
            if storage.writes != before:
                assert last is None or now - last >= APART_MS
                before, last = storage.writes, now
            now += 100
    assert 3 <= storage.writes <= 600_000 // APART_MS + 2
    assert GATHER_MS < APART_MS <= MAX_WAIT_MS


def test_what_is_not_patient_is_written_in_a_call():
    class Texts:
        saved = 0

        def save(self):
            self.saved += 1

    writes, texts, log = LateWrites(), Texts(), Log(storage=Counting())
    writes.later(texts)
    writes.later(log)
    log.info("one")
    for now in range(0, 100_000, 1000):
        assert writes.poll(now, True)
    assert texts.saved == 1 and log._storage.writes == 0
    writes.flush()
    assert log._storage.writes == 1
