"""First start in a real browser: from a phone without settings to one that is registered, and every way to fail."""

import json

import pytest

from services.time_zone import TimeZone
from support.browser import Browser
from tools.lib.bench_client import Phone, Registrar

PASSWORD = "correct horse battery"
BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"


@pytest.fixture(scope="module")
def browser():
    with Browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def registrar():
    with Registrar({"201": "first secret"}) as registrar:
        yield registrar


def new_phone(tmp_path, *options):
    """A phone as it comes out of the box, and its page."""
    phone = Phone("new", None, options=["--page", "0", *options])
    return phone, phone.wait("web")["url"]


def fill_in(browser, registrar, wifi=("office", "correct horse"), secret="first secret", user="201", **more):
    browser.wait_text("Choose a password")
    browser.type("#f-network-wifi-ssid", wifi[0])
    browser.type("#f-network-wifi-password", wifi[1])
    host = registrar.address.rpartition(":")[0]
    browser.type("#f-lines-0-aor", more.get("aor", f"sip:{user}@{host}"))
    browser.type("#f-lines-0-password", secret)
    browser.run("document.querySelector('details').open = true")
    browser.type("#f-lines-0-registrar", f"sip:{registrar.address}")
    browser.type("#f-lines-0-proxy", f"sip:{registrar.address};lr")
    browser.choose("#f-ui-time-zone", BERLIN)
    browser.type("#f-web-password", more.get("password", PASSWORD))


def test_from_the_box_to_a_registered_phone(browser, registrar, tmp_path, pictures):
    phone, url = new_phone(tmp_path)
    with phone:
        shown = phone.wait("display", 10, lambda event: "Join this Wi-Fi:" in event["lines"])["lines"]
        assert any(line.startswith("Bakelite-") for line in shown), shown
        key = next(line for line in shown if line.startswith("Key: "))[5:]
        assert [len(part) for part in key.split("-")] == [4, 4, 4], shown
        assert any("127.0.0.1" in line for line in shown), shown
        if pictures:
            phone.do("screenshot", png=str(pictures / "first-start-display.png"), scale=3)
        browser.open(url)
        browser.press("Scan for networks")
        browser.wait_text("office")
        browser.press("office")
        assert browser.run("return document.querySelector('#f-network-wifi-ssid').value") == "office"
        fill_in(browser, registrar)
        if pictures:
            browser.run("scrollTo(0, 0)")
            browser.screenshot(pictures / "first-start.png")
        browser.press("Test and save")
        browser.wait_text("The settings are saved", seconds=30)
        if pictures:
            browser.screenshot(pictures / "first-start-works.png")
        kept = json.loads(phone.file("phone.json"))
        assert kept["network"]["wifi"] == {"ssid": "office", "password": "correct horse"}
        assert kept["ui"] == {"time_zone": BERLIN} and kept["lines"][0]["password"] == "first secret"
        assert kept["web"]["password"].startswith("pbkdf2-sha256$") and "horse battery" not in phone.file(
            "phone.json"
        )
        browser.press("Finish")
        browser.wait_text("Lines")
        browser.wait_text("registered")
        phone.wait("display", 10, lambda event: not any("Wi-Fi" in line for line in event["lines"]))
        assert browser.messages == []
        state = phone.state()
        assert state["lines"][0]["state"] == "registered"
        assert not [name for name in state["counters"] if name.startswith("failed")], state["counters"]
        assert phone.quit() == 0


def test_what_fails_is_told_and_can_be_corrected(browser, registrar, tmp_path, pictures):
    phone, url = new_phone(tmp_path)
    with phone:
        browser.open(url)
        # What the settings' table refuses stands at its field, and nothing is tried.
        fill_in(browser, registrar, aor="201", password="short")
        browser.press("Test and save")
        browser.wait_text("must name a user, such as sip:201@example.com")
        browser.wait_text("must have 8 to 64 characters")
        # Each of these is tried, and told; the form keeps what was typed, passwords too.
        for wifi, secret, told in (
            (("nowhere", ""), "first secret", "access point not found"),
            (("office", "wrong horse"), "first secret", "wrong Wi-Fi password"),
            (("office", "correct horse"), "wrong secret", "Wrong user or password"),
        ):
            fill_in(browser, registrar, wifi, secret)
            browser.press("Test and save")
            browser.wait_text("Test failed", seconds=30)
            assert told in browser.text("#steps"), browser.text("#steps")
            assert phone.file("phone.json") is None, "nothing is kept that does not work"
        if pictures:
            browser.screenshot(pictures / "first-start-fails.png")
        assert browser.run("return document.querySelector('#f-lines-0-password').value") == "wrong secret"
        fill_in(browser, registrar)
        browser.press("Test and save")
        browser.wait_text("The settings are saved", seconds=30)
        assert "first secret" in phone.file("phone.json")


def test_kept_without_trying(browser, registrar, tmp_path):
    phone, url = new_phone(tmp_path)
    with phone:
        browser.open(url)
        fill_in(browser, registrar, wifi=("nowhere", "not there"))
        browser.press("Test and save")
        browser.wait_text("Test failed", seconds=30)
        browser.press("Save without testing")
        # The phone's own network is gone then, and its page with it.
        phone.wait("display", 10, lambda event: any("no network" in line for line in event["lines"]))
        assert json.loads(phone.file("phone.json"))["network"]["wifi"]["ssid"] == "nowhere"
        with Phone("again", phone.file("phone.json")) as again:
            again.wait("display", 10, lambda event: any("no network" in line for line in event["lines"]))


def test_wrong_settings_in_the_flash_do_not_end_the_phone(browser, tmp_path):
    """As after a step back to an older firmware: settings that it does not know."""
    phone = Phone("old", None, options=["--page", "0"], files={"phone.json": '{"audio": {"hologram": true}}'})
    with phone:
        url = phone.wait("web")["url"]
        phone.wait("display", 10, lambda event: "Invalid settings" in event["lines"][0])
        browser.open(url)
        browser.wait_text("The stored settings are invalid")
        browser.wait_text("audio.hologram: is not a setting")


def test_every_zone_of_the_list_is_one_and_that_of_the_browser_is_chosen(browser, tmp_path):
    phone, url = new_phone(tmp_path)
    with phone:
        for name, posix in (
            ("Europe/Vienna", BERLIN),
            ("America/New_York", "EST5EDT,M3.2.0,M11.1.0"),
            ("Asia/Kathmandu", "UTC-5:45"),
            ("America/St_Johns", None),
        ):
            browser.cdp("Emulation.setTimezoneOverride", timezoneId=name)
            browser.open(url)
            browser.wait_text("Choose a password")
            chosen = browser.run("return document.querySelector('#f-ui-time-zone').value")
            assert posix is None or chosen == posix, (name, chosen)
            TimeZone(chosen)
        for posix in browser.run(
            "return [...document.querySelector('#f-ui-time-zone').options].map(o => o.value)"
        ):
            TimeZone(posix)
        browser.cdp("Emulation.setTimezoneOverride", timezoneId="")
