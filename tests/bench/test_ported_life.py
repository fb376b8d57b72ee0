"""A phone's life on the ESP32 port's own code, on a board of each chip: calls that wait, networks that go, settings
that change. test_ported.py has a call on every board."""

import pytest
from bench.test_first_start import Page
from bench.test_ported import options

from tools.lib.bench_client import Phone, Registrar, settings

USERS = {"201": "first secret", "202": "second secret", "203": "third secret"}
BOARDS = ("esp32s3_devkit", "esp32_poe", "esp32c3_mini")
# Without PSRAM there is memory for one call at a time: docs/boards says so.
ONE_CALL = ("esp32_poe", "esp32c3_mini")


def config(user, registrar):
    made = settings(user, USERS[user], registrar.address)
    made["network"]["wifi"] = {"ssid": "bakelite"}
    made["audio"] = {"wire_rate": 8000}
    return made


def answer(phone):
    phone.wait("call", 20, state="ringing", direction="in")
    phone.do("hook", state="off")
    phone.wait("call", 20, state="active")


def states(phone):
    return {call["peer"][4:7]: call["state"] for call in phone.state()["calls"] if call["state"] != "ended"}


@pytest.mark.timeout(400)  # images may have to be built
@pytest.mark.parametrize("board", BOARDS)
def test_a_second_call_is_answered_and_the_first_waits(board):
    ported = options(board)
    with Registrar(USERS) as registrar:
        with (
            Phone("201", config("201", registrar), options=ported) as one,
            Phone("202", config("202", registrar)) as two,
            Phone("203", config("203", registrar)) as three,
        ):
            for phone in (one, two, three):
                phone.wait("line", 30, state="registered")
            two.do("hook", state="off")
            two.keys("201#")
            answer(one)
            two.wait("call", state="active")
            three.do("hook", state="off")
            three.keys("201#")
            if board in ONE_CALL:
                assert three.wait("call", 20, state="ended")["reason"] == "Busy"
                assert states(one) == {"202": "active"} and one.quit() == 0
                return
            one.wait("call", 20, state="ringing", direction="in")
            one.keys("soft1")
            one.wait("call", 20, state="active", peer="sip:203@127.0.0.1")
            two.wait("call", 20, state="remote_held")
            one.keys("soft1")
            three.wait("call", 20, state="remote_held")
            two.wait("call", 20, state="active")
            assert states(one) == {"202": "active", "203": "held"}
            two.do("hook", state="on")
            one.wait("call", 20, state="ended")
            three.do("hook", state="on")
            one.wait("call", 20, state="ended")
            faults = [name for name in one.state()["counters"] if name.startswith("failed")]
            assert not faults and one.quit() == 0


@pytest.mark.timeout(400)  # images may have to be built
@pytest.mark.parametrize("board", BOARDS)
def test_a_network_that_goes_comes_back_with_another_address_and_a_call_goes_on(board):
    ported = options(board)
    with Registrar(USERS) as registrar:
        with (
            Phone("201", config("201", registrar), options=ported) as one,
            Phone("202", config("202", registrar)) as two,
        ):
            for phone in (one, two):
                phone.wait("ready", 30)
                phone.wait("line", 30, state="registered")
            two.do("hook", state="off")
            two.keys("201#")
            answer(one)
            one.gather(0.5)
            one.do("network", address=None)
            one.gather(2.5)
            one.do("network", address="127.0.0.3")
            assert one.wait("ready", 30)["sip"].startswith("127.0.0.3:")
            one.gather(2)
            assert states(one) == {"202": "active"}
            two.do("hook", state="on")
            ended = one.wait("call", 20, state="ended")
            assert ended["stats"]["received"] > 100, ended
            one.do("hook", state="on")
            assert one.state()["lines"][0]["state"] == "registered"
            two.do("hook", state="off")
            two.keys("201#")
            one.wait("call", 20, state="ringing", direction="in")
            assert one.quit() == 0


@pytest.mark.timeout(400)  # images may have to be built
@pytest.mark.parametrize("board", BOARDS)
def test_a_phone_is_set_up_saves_settings_and_starts_again(board):
    ported = [*options(board), "--page", "0"]
    with Registrar(USERS) as registrar, Phone("new", None, options=ported) as phone:
        page = Page(phone.wait("web", 60)["url"])
        if board == "esp32_poe":
            shown = phone.wait("display", 20, lambda event: any("Code " in line for line in event["lines"]))
            code = next(line for line in shown["lines"] if "Code " in line).split()[-1]
            assert page.ask("/api/login", {"password": code})[0] == 200
        else:
            page = Page(page._url, "192.168.4.1:" + page._url.rsplit(":")[-1].rstrip("/"))
        assert page.ask("/api/session")[1]["mode"] == "first"
        document = config("201", registrar)
        assert page.ask("/api/first/try", {"settings": document, "password": "correct horse"})[0] == 200
        assert page.until("/api/first", "state", "done", "failed")["state"] == "done"
        assert page.ask("/api/first/finish", {})[0] == 200
        page._host = None  # the phone's own network is gone
        assert page.ask("/api/session")[1]["mode"] == "phone"
        phone.wait("line", 30, state="registered")
        assert page.ask("/api/settings", {"patch": {"audio": {"volume": 70}}})[0] == 200
        phone.wait("line", 30, state="registered")
        assert '"volume": 70' in phone.file("phone.json").replace('":70', '": 70')
        kept = phone.file("phone.json")
        assert phone.quit() == 0
        with Phone("again", kept, options=options(board)) as again:
            again.wait("line", 60, state="registered")
            assert again.quit() == 0
