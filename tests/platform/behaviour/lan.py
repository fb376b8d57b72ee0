"""What firmware may rely on, and must fear, of network.LAN on the classic ESP32 (network_lan.c)."""

# chip: esp32

import network

import chip

INITIALIZED, STARTED, STOPPED, CONNECTED, DISCONNECTED, GOT_IP = range(6)


def make():
    return network.LAN(
        mdc=chip.pin(23),
        mdio=chip.pin(18),
        phy_addr=0,
        phy_type=network.PHY_LAN8720,
        ref_clk=chip.pin(17),
        ref_clk_mode=3,
    )


def wait(condition, ms):
    start = chip.now()
    while not condition():
        if chip.since(start) > ms:
            return False
        chip.run(20)
    return True


def test_from_the_cable_to_an_address():
    chip.fast(5)
    chip.cable(True)
    lan = make()
    assert lan.status() == INITIALIZED
    assert lan.active(True)
    assert wait(lambda: lan.status() == STARTED, 500)
    assert not lan.isconnected()
    assert wait(lambda: lan.status() == CONNECTED, 4000)
    assert wait(lan.isconnected, 3000)
    assert lan.status() == GOT_IP and lan.ifconfig()[0] != "0.0.0.0"
    assert len(lan.config("mac")) == 6


def test_a_cable_that_is_pulled_shows_some_seconds_later():
    chip.fast(5)
    chip.cable(True)
    lan = make()
    lan.active(True)
    assert wait(lan.isconnected, 8000)
    chip.cable(False)
    assert wait(lambda: lan.status() == DISCONNECTED, 4000)
    assert not lan.isconnected()


def test_active_may_be_said_twice():
    chip.cable(False)
    lan = make()
    assert lan.active(True) and lan.active(True)
    assert not lan.active(False) and not lan.active(False)
    assert wait(lambda: lan.status() == STOPPED, 500)


def test_one_object_whatever_it_is_made_with():
    chip.cable(True)
    assert make() is make()


def test_a_transceiver_that_did_not_answer_once_is_lost_until_a_reset():
    chip.cable(True, answers=False)
    for text in ("esp_eth_driver_install failed", "esp_netif_attach failed"):
        try:
            make()
        except OSError as error:
            assert str(error) == text, str(error)
        else:
            raise AssertionError("no error")
        chip.cable(True)


def test_what_it_refuses():
    for bad in ({"phy_addr": 32}, {"phy_type": 99}):
        given = {"mdc": chip.pin(23), "mdio": chip.pin(18), "phy_addr": 0, "phy_type": network.PHY_LAN8720}
        given.update(bad)
        try:
            network.LAN(**given)
        except ValueError:
            continue
        raise AssertionError("no error")
