from services.log import MAX_LINES, Log


def test_a_sink_hears_what_is_important_enough():
    log, heard = Log("warning"), []
    log.sinks.append(lambda level, text: heard.append((level, text)))
    log.error("a")
    log.warning("b")
    log.info("c")
    assert heard == [("error", "a"), ("warning", "b")] == log.lines()
    assert log.count == 2


def test_lines_are_bounded_in_length_and_number_and_printable():
    log = Log()
    for number in range(100):
        log.info("%d\r\n\x1b[2J" % number + "x" * 1000)
    assert len(log.lines()) == MAX_LINES == len(log.rows()) and log.count == 100
    assert log.rows(2) == log.rows()[-2:] and log.rows(0) == [] == log.rows(-1)
    assert log.lines()[-1][1].startswith("99   [2Jxx")
    assert len(log.lines()[-1][1]) == 200


def test_an_exception_says_where_what_and_why():
    log = Log()
    log.failure("voice loop", ValueError("no such codec"))
    assert log.lines() == [("error", "voice loop: ValueError: no such codec")]


def test_a_sink_that_raises_is_dropped_and_the_others_go_on():
    log, heard = Log(), []
    log.sinks.append(lambda level, text: 1 // 0)
    log.sinks.append(lambda level, text: heard.append(text))
    log.info("a")
    log.info("b")
    assert heard == ["a", "b"] and len(log.sinks) == 1
