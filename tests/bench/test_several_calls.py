"""Three phones and the embedded registrar, all real processes: hold, swap and transfer, measured in the ear."""

import contextlib
import time

import pytest
from bench.test_call import LEVEL, amplitude, write_tone

from tools.lib import listen
from tools.lib.bench_client import Phone, Registrar, settings

USERS = {"201": "first secret", "202": "second secret", "203": "third secret"}
TONES = {"201": 440, "202": 1000, "203": 1600}


@pytest.fixture(scope="module")
def registrar():
    with Registrar(USERS) as registrar:
        yield registrar


@pytest.fixture
def phones(registrar, tmp_path):
    """201, 202 and 203, registered, each with its tone at the microphone."""
    with contextlib.ExitStack() as stack:
        opened = []
        for name, secret in USERS.items():
            config = settings(name, secret, registrar.address)
            config["audio"] = {"volume": 100, "microphone_gain": 0, "wire_rate": 8000}
            opened.append(stack.enter_context(Phone(name, config)))
        for phone in opened:
            phone.wait("line", state="registered")
            tone = tmp_path / f"{phone.name}.wav"
            write_tone(tone, TONES[phone.name], 40, 8000)
            phone.do("mic", wav=str(tone))
        yield opened


def hears(phone, tmp_path, seconds=0.8):
    """Whose tones `phone` hears just now, by name."""
    path = tmp_path / f"{phone.name}-hears.wav"
    phone.do("record", wav=str(path))
    phone.gather(seconds)
    phone.do("record", wav=None)
    phone.state()
    heard = listen.load(path)[-listen.RATE // 2 :]
    return [name for name, hertz in TONES.items() if amplitude(heard, hertz) > LEVEL / 4]


def answer(phone):
    phone.wait("call", state="ringing", direction="in")
    phone.do("hook", state="off")
    phone.wait("call", state="active")


def test_hold_call_waiting_swap_and_attended_transfer(phones, tmp_path):
    one, two, three = phones
    one.do("hook", state="off")
    one.keys("202#")
    answer(two)
    one.wait("call", state="active")
    assert hears(one, tmp_path) == ["202"] and hears(two, tmp_path) == ["201"]

    one.keys("hold")
    one.wait("call", state="held")
    two.wait("call", state="remote_held")
    assert hears(two, tmp_path) == []

    # A third calls meanwhile, and is answered: the first stays held.
    three.do("hook", state="off")
    three.keys("201#")
    one.wait("call", state="ringing", direction="in")
    one.keys("soft1")
    one.wait("call", state="active", peer="sip:203@127.0.0.1")
    three.wait("call", state="active")
    assert (
        hears(one, tmp_path) == ["203"] and hears(three, tmp_path) == ["201"] and hears(two, tmp_path) == []
    )

    one.keys("soft1")
    three.wait("call", state="remote_held")
    two.wait("call", state="active")
    assert (
        hears(one, tmp_path) == ["202"] and hears(two, tmp_path) == ["201"] and hears(three, tmp_path) == []
    )
    states = {call["peer"]: call["state"] for call in one.state()["calls"]}
    assert states == {"sip:202@127.0.0.1": "active", "sip:203@127.0.0.1": "held"}

    # The transfer key, and ok for the call that there is: the other two are left to each other.
    one.keys("transfer")
    one.wait("display", where=lambda event: any("or transfer to 203" in line for line in event["lines"]))
    one.keys("ok")
    for _ in range(2):
        ended = one.wait("call", state="ended")
        assert ended["reason"] == "Transferred" and ended["stats"]["received"] > 0
    assert hears(two, tmp_path) == ["203"] and hears(three, tmp_path) == ["202"]
    assert all(call["state"] == "ended" for call in one.state()["calls"])
    two.do("hook", state="on")
    three.wait("call", state="ended")
    for phone in phones:
        counters = phone.state()["counters"]
        assert not [name for name in counters if name.startswith("failed") or "error" in name], counters


def test_blind_transfer_to_who_does_not_answer_comes_back(phones, tmp_path):
    one, two, three = phones
    one.do("hook", state="off")
    one.keys("202#")
    answer(two)
    one.wait("call", state="active")
    one.keys("transfer", "203#")
    three.wait("call", state="ringing", direction="in")
    one.wait("display", where=lambda event: any("Ringing" in line for line in event["lines"]))
    time.sleep(0.2)
    three.keys("back")
    one.wait("display", where=lambda event: any("Transfer failed" in line for line in event["lines"]))
    one.wait("call", state="active")
    assert hears(one, tmp_path) == ["202"] and hears(two, tmp_path) == ["201"]


def test_a_conference_of_three(phones, tmp_path):
    one, two, three = phones
    one.do("hook", state="off")
    one.keys("202#")
    answer(two)
    one.wait("call", state="active")
    one.keys("soft3", "203#")
    answer(three)
    one.wait("call", state="active", where=lambda event: "203" in event["peer"])
    one.keys("conference")
    two.wait("call", state="active")
    assert hears(one, tmp_path) == ["202", "203"]
    assert hears(two, tmp_path) == ["201", "203"] and hears(three, tmp_path) == ["201", "202"]
    three.do("hook", state="on")
    one.wait("call", state="ended")
    assert hears(one, tmp_path) == ["202"] and hears(two, tmp_path) == ["201"]
