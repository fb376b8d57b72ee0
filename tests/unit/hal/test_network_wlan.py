"""The Wi-Fi driver: what fails, what is said of it, when it tries again."""

from support.hardware import Simulated, poll


def made(settings, **air):
    rig = Simulated()
    rig.radio = rig.world.radio
    rig.radio.access_points = {"home": "secret", "cafe": None}
    for name in air:
        setattr(rig.radio, name, air[name])
    rig.network = rig.board.network
    rig.network.configure(settings)
    rig.network.connect(rig.clock.now())
    return rig


def test_open_and_closed():
    for settings in (
        {"ssid": "home", "password": "secret"},
        {"ssid": "cafe"},
        {"ssid": "cafe", "password": ""},
    ):
        rig = made(settings)
        poll(rig, rig.network, 500)
        assert rig.network.state == "up", settings


def test_reasons_in_words_and_without_the_password():
    table = (
        ({"ssid": "home", "password": "wr0ng"}, "wrong Wi-Fi password"),
        ({"ssid": "elsewhere", "password": "wr0ng"}, "access point not found"),
        ({"ssid": ""}, "no Wi-Fi name set"),
    )
    for settings, reason in table:
        rig = made(settings)
        poll(rig, rig.network, 500)
        assert rig.network.state != "up"
        assert rig.network.reason == reason
        assert "wr0ng" not in repr(rig.network)


def test_pauses_grow_and_do_not_grow_for_ever():
    rig = made({"ssid": "elsewhere"})
    attempts = []
    for passed in range(0, 400_000, 100):
        rig.world.radio._clock.advance(100)
        before = rig.radio.joins
        rig.network.poll(rig.clock.now())
        if rig.radio.joins > before:
            attempts.append(passed // 1000)
    gaps = [attempts[index] - attempts[index - 1] for index in range(1, len(attempts))]
    assert gaps[:4] == [2, 4, 8, 16]
    assert max(gaps) <= 61 and gaps[-1] >= 60


def test_comes_back_when_the_access_point_does():
    rig = made({"ssid": "cafe"})
    poll(rig, rig.network, 500)
    rig.radio.access_points = {}
    assert [news for _, news in poll(rig, rig.network, 500)] == ["connecting"]
    assert rig.network.address is None and rig.network.rssi is None
    assert rig.network.reason == "access point not found"
    rig.radio.access_points = {"cafe": None}
    assert [news for _, news in poll(rig, rig.network, 3000)] == ["up"]
    assert rig.network.reason == ""


def test_an_access_point_that_never_answers():
    rig = made({"ssid": "cafe"}, join_ms=1_000_000)
    poll(rig, rig.network, 20_500, every=100)
    assert rig.network.reason == "no answer from the access point"
    rig.radio.join_ms = 50
    assert [news for _, news in poll(rig, rig.network, 2000, every=20)] == ["up"]


def test_power_save():
    from hal.drivers.network_wlan import Network

    for mains, mode in ((True, 0), (False, 1)):
        rig = Simulated()
        network = Network(mains)
        network.configure({"ssid": "bakelite"})
        network.connect(rig.clock.now())
        assert rig.world.radio.settings["pm"] == mode


def test_a_fixed_address_needs_all_four():
    fixed = {
        "ssid": "cafe",
        "address": "10.0.0.9",
        "netmask": "255.0.0.0",
        "gateway": "10.0.0.1",
        "dns": "10.0.0.1",
    }
    for missing, address in ((None, "10.0.0.9"), ("dns", "127.0.0.1")):
        rig = made({name: value for name, value in fixed.items() if name != missing})
        poll(rig, rig.network, 500)
        assert rig.network.address == address


def test_connect_again_uses_the_new_settings():
    rig = made({"ssid": "elsewhere"})
    poll(rig, rig.network, 300)
    rig.network.configure({"ssid": "cafe"})
    rig.network.connect(rig.clock.now())
    poll(rig, rig.network, 300)
    assert rig.network.state == "up"


def test_an_address_that_is_no_longer_fixed_comes_from_the_network_again():
    fixed = {
        "ssid": "cafe",
        "address": "10.0.0.9",
        "netmask": "255.0.0.0",
        "gateway": "10.0.0.1",
        "dns": "10.0.0.1",
    }
    rig = made(fixed)
    poll(rig, rig.network, 500)
    assert rig.network.address == "10.0.0.9"
    rig.network.configure({"address": None})
    rig.network.connect(rig.clock.now())
    poll(rig, rig.network, 500)
    assert rig.network.address == "127.0.0.1"


def test_scan_names_each_network_once_and_only_what_can_be_typed():
    rig = made({"ssid": "cafe"})
    rig.network._wlan.scan = lambda: (
        [
            (b"home", b"", 1, -80, 3, False),
            (b"", b"", 1, -20, 0, True),
            (b"home", b"", 6, -40, 3, False),
            (b"\xff\xfe", b"", 6, -30, 0, False),
            (b"cafe", b"", 6, -50, 0, False),
        ]
        + [(("n%d" % n).encode(), b"", 1, -90, 4, False) for n in range(30)]
    )
    found = rig.network.scan()
    assert found[:2] == [("home", -40, True), ("cafe", -50, False)] and len(found) == 20
