"""The screens as a person reads them: golden text, read back from the pixels of whole phones."""

# micropython-heap: 1200k: two whole phones and the proxy live in one process

from phone.history import Entry
from phone.line import Line
from sip.syntax import uri
from support.desk import Office

KEYS = "Hold Xfer New     End"


def office(**shell):
    made = Office("201", "202", **shell)
    return made, made.desks[0], made.desks[1]


def test_idle():
    both, one, _ = office()
    golden = ["Fri 31 Jul        201", "14:05", "201 registered", "Calls          Status"]
    assert one.screen() == golden
    one.time = None  # nobody has told the time yet
    one.shell.refresh()
    assert one.screen() == ["Bakelite          201", "201 registered", "Calls          Status"]
    one.wlan.state = "connecting"
    one.shell.refresh()
    assert one.screen()[0] == "Bakelite   no network"


def test_the_time_moves_on_by_itself():
    both, one, _ = office()
    one.screen()
    one.time = (2026, 8, 1, 0, 0, 0, 5)
    both.run(59_000, 1000)
    shows = one.glass.shows
    both.run(2000, 1000)
    assert one.screen()[:2] == ["Sat 1 Aug         201", "00:00"]
    assert shows <= 3, "an idle screen is not drawn again and again"


def test_twelve_hours():
    for hour, text in ((0, "12:05am"), (9, "9:05am"), (12, "12:05pm"), (14, "2:05pm")):
        made = Office("201", register=False, clock_24h=False)
        one = made.desks[0]
        one.time = (2026, 7, 31, hour, 5, 0, 4)
        assert one.screen()[1] == text


def test_dialling():
    both, one, _ = office()
    one.type("20")
    assert one.screen() == ["Dial              201", "20", "# dials, hold 0 for +", "Call Del       Cancel"]
    one.press("back")
    assert one.screen()[1] == "2"
    one.press("soft2")
    assert one.screen()[1] == "14:05"
    one.hold_key("0")
    one.type("49*")
    assert one.screen()[1] == "+49*"
    one.type("12345678")
    assert one.screen()[1] == "+49*12345678"
    one.press("soft4")
    assert one.screen()[1] == "14:05"
    one.lift()
    assert one.screen() == ["Dial              201", "Enter number", "Call Del       Cancel"]


def test_calling_incoming_talking_ended():
    both, one, two = office()
    one.type("202#")
    assert one.screen() == ["Calling         201", "202", "End"]
    both.run(200)
    assert one.screen() == ["Ringing         201", "202", "End"]
    assert two.screen() == ["Incoming call   202", "201", "Answer Silence Reject"]
    two.lift()
    both.run(65_200, 100)
    assert one.screen() == ["In call        1:05", "202", KEYS]
    one.press("mute")
    assert one.screen() == ["In call       1:05", "202", "Microphone muted", KEYS]
    one.press("volume_up")
    assert one.screen()[2] == "Volume            70%"
    both.run(3000)
    for _ in range(3):
        one.press("down")
    assert one.screen()[-1] == "Mute Vol- Vol+    End"
    one.press("soft1")
    one.press("soft2")
    assert one.screen()[2] == "Volume            60%"
    for _ in range(3):
        one.press("up")
    one.type("7#")
    both.run(2800)
    assert one.screen()[2] == "Sent 7#"
    both.run(1200)
    assert one.screen() == ["In call        1:12", "202", KEYS]
    two.put_down()
    both.run(100)
    assert one.screen() == ["Call ended       1:12", "202", "Again              OK"]
    assert two.screen()[0] == "Call ended       1:12"


def test_hold_by_the_other_side_is_shown_muted_or_not():
    both, one, two = office()
    both.call()
    two.call.session.modify("sendonly", both.network.now)
    both.run(200)
    assert one.screen()[1:3] == ["202", "On hold (remote)"]
    plain = one.glass.rows()[:8]
    one.press("mute")
    assert one.screen()[1:3] == ["202", "On hold (remote)"]
    assert one.glass.rows()[:8] != plain, "the header has an icon for it"


def test_names_that_fit_are_big_and_the_number_stands_below():
    both, one, two = office()
    for name, shown in (("Zoë", "Zoë"), ("Łukasz Žižkov", "Łukasz Žižkov"), ("Nguyễn 北", "Nguyen ?")):
        two.line.account.display_name = name
        two.type("201#")
        both.run(200)
        assert one.screen() == ["Incoming call   201", shown, "202", "Answer Silence Reject"], name
        one.press("soft4")
        both.run(6000)


def test_a_name_that_does_not_fit_moves():
    both, one, two = office()
    two.line.account.display_name = "Professor Doctor Ambrosius"
    two.type("201#")
    both.run(200)
    assert one.screen()[1] == "Professor Doctor Ambr"
    both.run(4400)
    assert one.screen()[1] == "ssor Doctor Ambrosius"


def test_why_a_call_failed():
    both, one, two = office()
    one.type("999#")
    both.run(300)
    assert one.screen() == ["Number not found", "999", "Again              OK"]
    one.press("soft4")
    one.type("202#")
    both.run(300)
    two.press("soft4")
    both.run(100)
    assert one.screen() == ["Busy", "202", "Again              OK"]
    one.press("soft1")
    both.run(300)
    assert one.screen()[0] == "Ringing         201"


def test_missed_calls_and_the_list():
    both, one, two = office()
    for _ in range(2):
        one.type("202#")
        both.run(300)
        one.press("soft4")
        both.run(6000)
    golden = ["Fri 31 Jul        202", "14:05", "202 registered", "2 missed calls", "Calls          Status"]
    assert two.screen() == golden
    two.press("soft1")
    golden = ["Calls             1/2", ">  201", "201", "31 Jul 14:05   missed", "Call             Back"]
    assert two.screen() == golden
    two.press("down")
    assert two.screen()[0] == "Calls             2/2"
    two.press("ok")
    assert two.screen()[0] == "Calling         202"
    both.run(300)
    two.press("soft4")
    both.run(6000)
    assert two.screen()[3] == "Calls          Status", "what was looked at is missed no more"


def test_an_empty_list():
    _, one, _ = office()
    one.press("soft1")
    assert one.screen() == ["Calls", "No calls yet", "Call             Back"]
    one.press("soft1")
    one.press("down")
    assert one.screen()[0] == "Calls"


def test_a_registration_that_fails_is_told_in_words_with_a_countdown():
    made = Office("201", register=False, passwords={"201": "wrong"})
    one = made.desks[0]
    assert one.screen()[2].startswith("201")
    one.register()
    made.run(500)
    lines = set()
    for _ in range(60):
        lines.add(one.screen()[2])
        made.run(500)
    text = " ".join(sorted(lines))
    assert "201 Wrong user or p" in text and "or password, retry" in text and "retry in 1" in text
    one.type("12")
    assert one.screen()[1] == "12", "keys still work"


def test_of_many_lines_those_in_trouble_are_shown():
    _, one, _ = office()
    for number, state in ((2, "registered"), (3, "failed"), (4, "registering")):
        line = Line(number, one.line.account, "30%d" % number)
        line.state = state
        one.control.lines.append(line)
    one.shell.refresh()
    assert one.screen()[2:4] == ["303 not registered", "304 registering"]


def test_who_cannot_be_called_back_is_not_offered():
    both, one, two = office()
    two.line.account.aor = uri.parse("sip:anonymous@anonymous.invalid")
    two.control.dial("sip:201@example.com", both.network.now)
    both.run(300)
    assert one.screen()[:2] == ["Incoming call   201", "Private"]
    one.press("soft4")
    both.run(100)
    assert one.screen() == ["Rejected", "Private", "OK"]
    one.press("soft1")
    both.run(5000)
    one.press("soft1")
    one.press("ok")
    assert "Not a number" in one.screen()


def test_status():
    _, one, _ = office()
    one.press("soft4")
    assert one.screen() == ["Status", "201 registered", "Version test", "Back"]
    one.press("back")
    assert one.screen()[1] == "14:05"


def test_an_unknown_line_and_nothing_to_redial_are_said():
    both, one, _ = office()
    one.press("line2")
    assert "No line 2" in one.screen()
    one.press("redial")
    assert "No number to redial" in one.screen()
    both.run(3000)
    assert one.screen()[2] == "201 registered"


class Updates:
    """As services.update.updates.Updates: what a test says."""

    version, state, offered, message, done, size = "0.1", "idle", None, "", 0, 0

    def __init__(self):
        self.asked = []

    def ask(self, wish):
        self.asked.append(wish)


def test_updates():
    both, one, _ = office()
    updates = Updates()
    one.shell.updates = lambda: updates
    one.press("soft4")
    assert one.screen()[-1].split() == ["Update", "Back"]
    one.press("soft1")
    assert [line.split() for line in one.screen()] == [["Update", "0.1"], ["Check", "Back"]]
    one.press("soft1")
    for state, message, done, expected in (
        ("available", "0.2 available", 0, ["0.2 available", "Install        Back"]),
        ("older", "0.0 is older", 0, ["0.0 is older", "Install older Back"]),
        ("failed", "the server answe", 0, ["Update failed:", "the server answe", "Check          Back"]),
        ("checking", "", 0, ["Checking...", "Back"]),
        ("restarting", "0.2 is installed", 0, ["Restarting", "0.2 is installed", "Back"]),
    ):
        updates.state, updates.message, updates.done = state, message, done
        both.run(1500)
        found = [" ".join(line.split()) for line in one.screen()[1:]]
        assert found == [" ".join(line.split()) for line in expected], (state, found)
        one.press("soft1")
    updates.state, updates.done, updates.size = "downloading", 50, 200
    both.run(1500)
    assert one.screen()[1] == "Downloading" and "25%" in one.screen()[2]
    assert updates.asked == ["check", "install", "install older", "check"]
    one.press("back")
    assert one.screen()[1] == "14:05"


def test_what_does_not_fit_beside_the_time_of_a_call_takes_its_place():
    _, one, _ = office()
    for kind, at, shown in (
        ("received", (2026, 11, 27, 9, 5), "27 Nov 09:05 received"),
        ("forwarded", (2026, 11, 7, 14, 5), "7 Nov 14:05 forwarded"),
        ("forwarded", (2026, 11, 27, 14, 5), "27 Nov      forwarded"),
        ("elsewhere", (2026, 11, 27, 14, 5), "27 Nov      elsewhere"),
        ("elsewhere", None, "elsewhere"),
    ):
        one.control.history.clear()
        one.control.history.add(Entry(kind, "Somebody", "202", at))
        one.press("soft1")
        assert one.screen()[3].strip() == shown and len(shown) <= 21, kind
        one.press("soft4")
        assert one.screen()[1] == "14:05"


def test_the_silence_key_is_as_wide_as_its_label():
    for key in ("soft2", "soft3"):
        both, one, two = office()
        one.type("202#")
        both.run(300)
        assert two.screen()[-1] == "Answer Silence Reject" and two.bell.ringing
        two.press(key)
        both.run(100)
        assert not two.bell.ringing and two.control.live[0].ignored, key
