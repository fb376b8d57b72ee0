"""The Wi-Fi driver: what fails, what is said of it, when it tries again."""

from compat import ticks_diff
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
        poll(rig, rig.network, 4000)
        assert rig.network.state == "up", settings


def test_reasons_in_words_and_without_the_password():
    table = (
        ({"ssid": "home", "password": "wr0ng"}, "wrong Wi-Fi password"),
        ({"ssid": "elsewhere", "password": "wr0ng"}, "access point not found"),
        ({"ssid": ""}, "no Wi-Fi name set"),
    )
    for settings, reason in table:
        rig = made(settings)
        poll(rig, rig.network, 6000)
        assert rig.network.state != "up"
        assert rig.network.reason == reason
        assert "wr0ng" not in repr(rig.network)


def run(rig, ms):
    """Let time pass, polled as net.uplink does; every state said, and in which second."""
    start = rig.clock.now()
    said = []
    for passed in range(0, ms, 100):
        rig.run(100)
        news = rig.network.poll(rig.clock.now())
        if news is not None:
            said.append((passed // 1000, news))
    assert ticks_diff(rig.clock.now(), start) >= ms
    return said


def attempts(rig, ms):
    """The seconds in which attempts began."""
    seen = []
    for passed in range(0, ms, 100):
        before = rig.radio.joins
        rig.run(100)
        rig.network.poll(rig.clock.now())
        seen += [passed // 1000] * (rig.radio.joins - before)
    return seen


def test_pauses_grow_and_do_not_grow_for_ever():
    rig = made({"ssid": "elsewhere"})
    seen = attempts(rig, 600_000)
    gaps = [seen[index] - seen[index - 1] for index in range(1, len(seen))]
    # Each attempt whose reason was there before lasts until it is given up.
    assert 2 <= seen[0] <= 4
    assert gaps[:6] == [17, 19, 23, 31, 47, 75], gaps
    assert max(gaps) <= 76, gaps


def test_comes_back_however_long_the_access_point_was_away():
    for away_s, within_s in ((1, 1), (7, 20), (30, 60), (60, 80), (3600, 80)):
        rig = made({"ssid": "cafe"})
        assert run(rig, 5000)[-1][1] == "up"
        rig.radio.access_points = {}
        run(rig, away_s * 1000)
        if away_s > 10:
            assert rig.network.state == "connecting" and rig.network.address is None
            assert rig.network.rssi is None and rig.network.reason == "access point not found"
        rig.radio.access_points = {"cafe": None}
        run(rig, within_s * 1000)
        assert rig.network.state == "up" and rig.network.reason == "", (away_s, rig.network.reason)


def test_comes_back_after_being_sent_away_for_whatever_reason():
    for reason in (1, 2, 3, 4, 6, 7, 8, 15, 34, 200, 204, 205):
        rig = made({"ssid": "cafe"})
        run(rig, 5000)
        rig.radio.kick(reason)
        assert [news for _, news in run(rig, 6000)] == ["connecting", "up"], reason


def test_saved_settings_that_do_not_touch_wifi_leave_the_connection_alone():
    rig = made({"ssid": "home", "password": "secret", "hostname": "desk", "address": None})
    run(rig, 5000)
    joins = rig.radio.joins
    for _ in range(3):
        rig.network.configure({"ssid": "home", "password": "secret", "hostname": "desk", "address": None})
        rig.network.connect(rig.clock.now())
        assert run(rig, 1000) == [] and rig.network.state == "up"
    assert rig.radio.joins == joins


def test_saved_settings_that_touch_wifi():
    rig = made({"ssid": "home", "password": "secret"})
    run(rig, 5000)
    for settings in (
        {"hostname": "other"},
        {"ssid": "cafe", "password": None},
        {"ssid": "home", "password": "secret"},
    ):
        joins = rig.radio.joins
        rig.network.configure(settings)
        rig.network.connect(rig.clock.now())
        assert rig.network.state == "connecting" and rig.network.address is None
        assert [news for _, news in run(rig, 5000)] == ["connecting", "up"], settings
        assert rig.radio.joins == joins + 1


def test_a_corrected_name_or_password_is_taken_without_a_reset():
    right = {"ssid": "home", "password": "secret"}
    for refusal in (2, 15, 202, 204, 205):
        for wrong in ({"ssid": "hme", "password": "secret"}, {"ssid": "home", "password": "secert"}):
            for wait_ms in (500, 7000, 30_000):
                rig = made(wrong, refusal=refusal)
                run(rig, wait_ms)
                assert rig.network.state == "connecting"
                rig.network.configure(right)
                rig.network.connect(rig.clock.now())
                run(rig, 6000)
                assert rig.network.state == "up", (refusal, wrong, wait_ms, rig.network.reason)


def test_wrong_twice_is_said_twice():
    rig = made({"ssid": "hme", "password": "secret"})
    run(rig, 6000)
    assert rig.network.reason == "access point not found"
    rig.network.configure({"ssid": "hom"})
    rig.network.connect(rig.clock.now())
    run(rig, 20_000)
    assert rig.network.reason == "access point not found"
    rig.network.configure({"ssid": "home", "password": "secert"})
    rig.network.connect(rig.clock.now())
    run(rig, 6000)
    assert rig.network.reason == "wrong Wi-Fi password"


def test_an_access_point_that_never_answers():
    rig = made({"ssid": "cafe"}, join_ms=1_000_000)
    run(rig, 15_500)
    assert rig.network.reason == "no answer from the access point"
    rig.radio.join_ms = 50
    assert run(rig, 3000)[-1][1] == "up"


def test_the_strongest_of_several_networks():
    more = [("cafe", None), ("far", "12345678")]
    rig = made({"ssid": "home", "password": "secret", "more": more})
    rig.radio.strengths = {"home": -80, "cafe": -50}
    run(rig, 8000)
    assert rig.network.state == "up" and rig.radio._wanted == ("cafe", None)
    del rig.radio.access_points["cafe"]
    run(rig, 30_000)
    assert rig.network.state == "up" and rig.radio._wanted == ("home", "secret")
    # None of them is seen: the first is tried, for it may hide its name.
    rig.radio.access_points = {}
    run(rig, 30_000)
    assert rig.network.state == "connecting" and rig.radio._wanted[0] == "home"


def test_an_access_point_of_our_own_while_the_station_is_on():
    rig = made({"ssid": "home", "password": "secret"})
    run(rig, 5000)
    assert rig.network.open_access_point("Bakelite-1", "12345678") == "127.0.0.1"
    assert rig.radio.point == {"ssid": "Bakelite-1", "key": "12345678", "security": 3}
    run(rig, 1000)
    assert rig.network.state == "up"


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
        poll(rig, rig.network, 4000)
        assert rig.network.address == address


def test_connect_again_uses_the_new_settings():
    rig = made({"ssid": "elsewhere"})
    poll(rig, rig.network, 300)
    rig.network.configure({"ssid": "cafe"})
    rig.network.connect(rig.clock.now())
    poll(rig, rig.network, 5000)
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
    poll(rig, rig.network, 4000)
    assert rig.network.address == "10.0.0.9"
    rig.network.configure({"address": None})
    rig.network.connect(rig.clock.now())
    poll(rig, rig.network, 4000)
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


def test_the_address_is_looked_at_once_a_second():
    """Each answer of the port is a tuple and four strings on the heap."""
    rig = made({"ssid": "home", "password": "secret"})
    run(rig, 5000)
    wlan = rig.network._wlan
    asked = []

    class Counting:
        def isconnected(self):
            return wlan.isconnected()

        def ifconfig(self):
            asked.append(1)
            return wlan.ifconfig()

    rig.network._wlan = Counting()
    run(rig, 10_000)
    assert 9 <= len(asked) <= 11 and rig.network.state == "up"


def test_a_lost_address_is_none_while_the_port_has_still_to_hear_that_it_is_lost():
    """IDF takes the address away before the port's handler says that the connection has gone."""
    rig = made({"ssid": "cafe"})
    poll(rig, rig.network, 4000)
    assert rig.network.state == "up" and rig.network.address == "127.0.0.1"
    rig.radio.address = "0.0.0.0"
    poll(rig, rig.network, 20_000)
    assert rig.network.address == "127.0.0.1"
    rig.radio.address = "127.0.0.9"
    poll(rig, rig.network, 20_000)
    assert rig.network.address == "127.0.0.9"
