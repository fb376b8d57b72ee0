# micropython-heap: 1M: the models of several boards follow each other in one process
"""Every network: states, and what is known in each."""

from support.hardware import poll, rigs

STATES = ("down", "connecting", "up")


def test_starts_down():
    for rig in rigs("network"):
        network = rig.board.network
        assert network.state == "down"
        assert network.address is None and network.rssi is None
        assert len(network.mac) == 12 and network.mac == network.mac.lower()
        assert network.poll(rig.clock.now()) is None


def test_comes_up_and_goes_down():
    for rig in rigs("network"):
        network = rig.board.network
        network.configure({"hostname": "desk", "nobody knows this": 1})
        network.connect(rig.clock.now())
        said = [news for _, news in poll(rig, network, 4000, every=20)]
        assert network.state in STATES
        if rig.world is None:
            assert said == [] and network.reason
            continue
        assert said == ["connecting", "up"]
        assert network.reason == ""
        assert network.address == "127.0.0.1"
        assert network.rssi is None if rig.name == "esp32_poe" else -100 < network.rssi < 0
        network.disconnect()
        assert network.poll(rig.clock.now()) == "down"
        assert network.address is None and network.rssi is None
        assert poll(rig, network, 3000, every=100) == []


def test_disconnect_twice_and_before_connect():
    for rig in rigs("network"):
        rig.board.network.disconnect()
        rig.board.network.disconnect()
        assert rig.board.network.state == "down"


def test_scan_and_access_point():
    for rig in rigs("network"):
        network = rig.board.network
        found = network.scan()
        address = network.open_access_point("Bakelite-0001", "12345678")
        if rig.name != "sim":
            assert found == [] and address is None
        else:
            assert found == [("bakelite", -55, False), ("office", -60, True)]
            assert address == "127.0.0.1"
            assert rig.world.radio.point == {"ssid": "Bakelite-0001", "key": "12345678", "security": 3}
            # The station goes its own way beside it.
            network.connect(rig.clock.now())
            poll(rig, network, 4000)
            assert network.state == "up"
        network.close_access_point()
        network.close_access_point()
        assert rig.world is None or rig.world.radio.point is None
