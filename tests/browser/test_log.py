"""The page of the log in a real browser: what it tells, over restarts, and how it follows; and what all pages share."""

import contextlib
import hashlib

from support.browser import Browser
from tools.lib.bench_client import Phone, Registrar, settings

PASSWORD, SALT = "correct horse battery", bytes(range(16))
ROWS = "return document.querySelectorAll('.log li').length"


@contextlib.contextmanager
def visited():
    """(phone, browser): logged in."""
    stretched = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), SALT, 1000).hex()
    with Registrar({"201": "first secret"}) as registrar, Browser() as browser:
        config = settings("201", "first secret", registrar.address, "Ada")
        config["web"] = {"password": f"pbkdf2-sha256$1000${SALT.hex()}${stretched}"}
        with Phone("201", config, options=["--page", "0"]) as phone:
            url = phone.wait("web")["url"]
            phone.wait("line", state="registered")
            browser.open(url)
            browser.type("#f-password", PASSWORD)
            browser.press("Log in")
            browser.wait_text("registered")
            yield phone, browser
        assert browser.messages == []


def test_the_log_tells_follows_is_filtered_and_downloaded(pictures):
    with visited() as (phone, browser):
        # Saved settings begin another phone: its log has the lines of the one before.
        browser.run("location.hash = '#audio'")
        browser.wait_text("Audio", "h1")
        browser.choose("#f-audio-volume", "85")
        browser.press("Save")
        browser.wait_text("Saved", "#message", seconds=20)
        browser.run("location.hash = '#log'")
        browser.wait_text("line 1: registered as sip:201@", "main")
        said = browser.text("main")
        assert "web: login from 127.0.0.1" in said and "settings: saved in the web interface" in said
        if pictures:
            browser.screenshot(pictures / "page-log.png")
        browser.type("#f-word", "LOGIN from")
        browser.wait("one line", ROWS + " === 1")
        browser.type("#f-word", "")
        browser.choose("#f-least", "error")
        browser.wait("none", "return document.querySelector('.log').innerText === 'Nothing here matches'")
        browser.choose("#f-least", "debug")
        # New rows arrive without a reload: those of a call to nobody.
        phone.do("hook", state="off")
        phone.keys("999#")
        phone.wait("call", state="ended")
        browser.wait_text("call 1 to 999 (line 1): Number not found (404)", "main")
        browser.run("window.saved = []; window.save = (name, text) => saved.push(name + text)")
        browser.press("Download")
        (text,) = browser.run("return saved")
        assert text.startswith("bakelite-log.txt20") and " info call 1 to 999" in text
        assert "secret" not in text and "horse" not in text


def test_a_password_can_be_looked_at_and_every_tab_is_in_sight_on_a_desk():
    with visited() as (_, browser):
        browser.run("location.hash = '#lines'")
        browser.wait_text("Lines", "h1")
        kind = "return document.querySelector('#f-lines-0-password').type"
        for shown, press in (("password", "Show"), ("text", "Hide")):
            assert browser.run(kind) == shown
            browser.press(press)
        assert browser.run(kind) == "password"
        ends = "return [...document.querySelectorAll('nav a')].map(a => a.getBoundingClientRect().right)"
        size = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        browser.cdp("Emulation.setDeviceMetricsOverride", **size)
        right = browser.run("return document.querySelector('nav').getBoundingClientRect().right")
        assert right > 640 and max(browser.run(ends)) <= right, (browser.run(ends), right)
