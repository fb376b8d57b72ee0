"""A board with the left and the right softkey only: everything that the four would do can be reached."""

# micropython-heap: 1200k: two whole phones and the proxy live in one process

from support.desk import Office

KEYS = tuple("0123456789*#") + ("soft1", "soft4", "up", "down")


def office():
    made = Office("201", "202", keys=KEYS)
    return made, made.desks[0], made.desks[1]


def test_a_mistyped_digit_can_be_deleted():
    _, one, _ = office()
    one.type("209")
    assert one.screen()[-1] == "Call>          Cancel"
    one.hold_key("soft1")
    assert one.screen()[-1] == "Del>           Cancel"
    one.press("soft1")
    assert one.screen()[1] == "20"
    one.type("2")
    one.hold_key("soft1")
    assert one.screen()[-1] == "Call>          Cancel"
    one.press("soft1")
    assert one.call.state == "dialing" and one.call.number == "202"


def test_nothing_happens_before_the_key_comes_up_or_if_it_is_held():
    _, one, _ = office()
    one.type("202")
    one.shell.key("soft1", "press", one.network.now)
    assert one.call is None
    one.shell.key("soft1", "release", one.network.now)
    assert one.call is not None


def test_silence_transfer_and_conference_are_reached():
    both, one, two = office()
    one.lift()
    one.type("202#")
    both.run_until(lambda: two.control.ringing)
    assert two.screen()[-1] == "Answer>        Reject"
    two.hold_key("soft1")
    assert two.screen()[-1] == "Silence>       Reject"
    two.hold_key("soft1")
    two.press("soft1")
    both.run_until(lambda: one.call.state == "active")
    labels = []
    for _ in range(3):
        labels.append(one.screen()[-1].split()[0])
        one.hold_key("soft1")
    assert labels == ["Hold>", "Xfer>", "New>"]
    one.hold_key("soft1")  # Xfer
    one.press("soft1")
    assert "Transfer" in one.screen()[0]
    one.type("203")
    labels = []
    for _ in range(3):
        labels.append(one.screen()[-1].split()[0])
        one.hold_key("soft1")
    assert labels == ["Xfer>", "Del>", "Call>"]


def test_a_single_function_is_on_the_left_key_at_once():
    _, one, _ = office()
    assert one.screen()[-1] == "Calls          Status"
    one.press("soft1")
    assert one.screen()[0].startswith("Calls")


def test_a_board_with_all_four_has_them_as_ever():
    made = Office("201", keys=KEYS + ("soft2", "soft3"))
    one = made.desks[0]
    one.type("20")
    assert one.screen()[-1] == "Call Del       Cancel"
    one.press("soft2")
    assert one.screen()[1] == "2"
