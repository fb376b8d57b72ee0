"""Each page of the phone in a real browser: what it shows, what it changes, what it refuses."""

import json
import ssl
import time

import pytest
from interop.certificates import Identity

from support.browser import Browser
from tools.lib.bench_client import Phone, Registrar, settings

PASSWORD = "correct horse battery"


def stretched(password):
    import hashlib

    salt = bytes(range(16))
    return f"pbkdf2-sha256$1000${salt.hex()}${hashlib.pbkdf2_hmac('sha256', password.encode(), salt, 1000).hex()}"


@pytest.fixture(scope="module")
def registrar():
    with Registrar({"201": "first secret", "202": "second secret"}) as registrar:
        yield registrar


@pytest.fixture(scope="module")
def phone(registrar):
    """A phone with a line, a password, and some calls behind it."""
    config = settings("201", "first secret", registrar.address, "Ada")
    config["web"] = {"password": stretched(PASSWORD)}
    config["ui"] = {"utc_offset_min": 60}
    history = {
        "unseen": 1,
        "entries": [
            ["missed", "Grace", "202", [2026, 7, 31, 14, 5], 0],
            ["placed", "203", "203", [2026, 7, 30, 9, 30], 75],
        ],
    }
    with Phone("201", config, options=["--page", "0"], files={"history.json": json.dumps(history)}) as phone:
        phone.url = phone.wait("web")["url"]
        phone.wait("line", state="registered")
        yield phone


@pytest.fixture(scope="module")
def browser(phone):
    with Browser() as browser:
        log_in(browser, phone)
        yield browser
        assert browser.messages == [], "the browser's console has errors"


def log_in(browser, phone, password=PASSWORD):
    browser.open(phone.url)
    browser.type("#f-password", password)
    browser.press("Log in")
    browser.wait_text("Status", "nav")


def go(browser, page, title):
    browser.run("location.hash = arguments[0]", "#" + page)
    browser.wait_text(title, "h1")


def saved(browser, text="Saved"):
    browser.wait(
        "the message %r" % text,
        "return document.querySelector('#message').innerText === arguments[0]",
        text,
        seconds=20,
    )


def confirm(browser, password=PASSWORD):
    """Type the password again, which the phone asks for where a change concerns a secret."""
    browser.wait("the question", "return document.querySelector('#f-again') !== null")
    browser.type("#f-again", password)
    browser.press("Confirm")


def kept(phone):
    return json.loads(phone.file("phone.json"))


def picture(browser, pictures, name):
    if pictures:
        browser.run("document.querySelector('#message').textContent = ''; scrollTo(0, 0)")
        browser.screenshot(pictures / f"page-{name}.png")


def test_status(browser, phone, pictures):
    go(browser, "status", "Status")
    browser.wait_text("registered")
    for text in ("1 · 201", "127.0.0.1", "bakelite", "Firmware"):
        assert text in browser.text("main"), text
    picture(browser, pictures, "status")


def test_audio(browser, phone, pictures):
    go(browser, "audio", "Audio")
    picture(browser, pictures, "audio")
    browser.choose("#f-audio-volume", "85")
    browser.choose("#f-audio-tones", "uk")
    browser.press("Save")
    saved(browser)
    assert kept(phone)["audio"] == {"volume": 85, "tones": "uk"}
    # A wrong value stands at its field, and changes nothing.
    unfold(browser)
    browser.type("#f-audio-jitter-max-ms", "7")
    browser.run("document.querySelector('details').open = false")
    browser.press("Save")
    browser.wait_text("must be 20 to 200", "#f-audio-jitter-max-ms-error")
    assert "Nothing was changed" in browser.text("#message")
    assert browser.run("return document.activeElement.id") == "f-audio-jitter-max-ms"
    assert kept(phone)["audio"] == {"volume": 85, "tones": "uk"}
    # A depth is a number, or a word.
    for depth in ("60", "auto"):
        go(browser, "status", "Status")
        go(browser, "audio", "Audio")
        unfold(browser)
        browser.choose("#f-audio-echo", "speaker")
        browser.type("#f-audio-jitter-ms", depth)
        browser.press("Save")
        saved(browser)
        assert kept(phone)["audio"]["echo"] == "speaker"
        assert kept(phone)["audio"]["jitter_ms"] == (depth if depth == "auto" else int(depth))


def test_calls(browser, phone):
    go(browser, "calling", "Calls")
    browser.type("#f-calls-forward-busy", "203")
    browser.type("#f-calls-media-timeout-s", "30")
    browser.choose("#f-calls-dtmf", "info")
    browser.click("#f-calls-click-to-dial")
    browser.press("Save")
    saved(browser)
    assert kept(phone)["calls"] == {
        "forward_busy": "203",
        "media_timeout_s": 30,
        "dtmf": "info",
        "click_to_dial": True,
    }


def unfold(browser):
    browser.run("document.querySelectorAll('details').forEach(each => { each.open = true; })")


def pem(folder, name, days):
    """(certificate, key) as PEM text."""
    made = Identity(folder, name, days=days)
    return made.pem.decode(), made.key.read_text()


def test_certificates(browser, phone, pictures, tmp_path):
    ca, _ = pem(tmp_path, "Office CA", (-9, 900))
    ended, key = pem(tmp_path, "phone.test", (-9, -2))
    go(browser, "tls", "Certificates")
    for text, words in (
        (ca[:-60], "certificate 1 has no END line: it is truncated"),
        (ca * 20, "must have at most 8192 characters, but has"),
        (ca + key, "must not hold a private key"),
    ):
        file = tmp_path / "wrong.pem"
        file.write_text(text)
        choose_file(browser, "#f-tls-ca-file", file)
        browser.press("Save")
        browser.wait_text(words, "#f-tls-ca-error")
    assert "tls" not in kept(phone)
    # DER becomes PEM.
    file.write_text("hello")
    choose_file(browser, "#f-tls-ca-file", file)
    browser.wait_text("that file is neither PEM nor DER", "#f-tls-ca-error")
    browser.choose("#f-tls-ca", "hello, world")
    browser.press("Save")
    browser.wait_text("must be PEM text (-----BEGIN …) or a file name", "#f-tls-ca-error")
    file.write_bytes(ssl.PEM_cert_to_DER_cert(ca))
    choose_file(browser, "#f-tls-ca-file", file)
    browser.choose("#f-tls-certificate", ended)
    browser.choose("#f-tls-key", key)
    browser.press("Save")
    confirm(browser)
    saved(browser)
    stored = kept(phone)["tls"]
    assert stored["ca"].split() == ca.split() and stored["key"].split() == key.split()
    # What is stored is told; the key is not shown.
    go(browser, "status", "Status")
    go(browser, "tls", "Certificates")
    picture(browser, pictures, "certificates")
    rows = browser.run(
        "return [...document.querySelectorAll('.certificates li')].map(e => [e.className, e.innerText])"
    )
    assert "Office CA, issued by Office CA, 20" in rows[0][1] and rows[0][0] == ""
    assert (
        "phone.test, issued by phone.test" in rows[1][1] and ": ended" in rows[1][1] and rows[1][0] == "bad"
    )
    assert key.split("\n")[1] not in browser.run("return document.documentElement.innerHTML")
    assert browser.run("return document.querySelector('#f-tls-key').value") == ""
    # The key goes with its certificate.
    browser.type("#f-tls-certificate", "")
    browser.press("Save")
    confirm(browser)
    saved(browser)
    assert list(kept(phone)["tls"]) == ["ca"]


def choose_file(browser, css, file):
    element = browser._find(css)
    browser._ask("POST", f"/element/{element}/value", {"text": str(file)})
    browser.wait("the text", "return document.querySelector(arguments[0]).value === ''", css)


def test_lines(browser, phone, registrar, pictures):
    go(browser, "lines", "Lines")
    assert browser.run("return document.querySelector('#f-lines-0-password').value") == ""
    assert browser.run("return document.querySelector('#f-lines-0-password').placeholder") == "unchanged"
    picture(browser, pictures, "lines")
    browser.press("Add a line")
    browser.type("#f-lines-1-aor", "sip:nonsense@")
    browser.press("Save")
    browser.wait_text("must name a host", "#f-lines-1-aor-error")
    assert len(kept(phone)["lines"]) == 1
    browser.type("#f-lines-1-aor", "sip:202@127.0.0.1")
    browser.type("#f-lines-1-password", "second secret")
    browser.type("#f-lines-1-registrar", f"sip:{registrar.address}")
    browser.type("#f-lines-1-proxy", f"sip:{registrar.address};lr")
    browser.press("Save")
    browser.wait_text("This change needs the web interface's password", "dialog")
    browser.press("Cancel")
    browser.wait_text("Cancelled: nothing was changed", "#message")
    browser.press("Save")
    confirm(browser, "not the password")
    browser.wait_text("Wrong password", "#message")
    assert len(kept(phone)["lines"]) == 1
    browser.press("Save")
    confirm(browser)
    saved(browser)
    lines = kept(phone)["lines"]
    assert [line["password"] for line in lines] == ["first secret", "second secret"] and "keep" not in lines[
        0
    ]
    go(browser, "status", "Status")
    browser.wait("two lines", "return document.querySelectorAll('main strong.good').length === 2")
    # A password goes with its line when the one before it goes.
    go(browser, "lines", "Lines")
    browser.press("Remove line 1")
    browser.press("Save")
    saved(browser)
    assert [line["password"] for line in kept(phone)["lines"]] == ["second secret"]


def test_keys(browser, phone, pictures):
    go(browser, "keys", "Keys")
    picture(browser, pictures, "keys")
    browser.press("Add a contact")
    browser.type("#f-contacts-0-name", "Grace")
    browser.press("Save contacts")
    browser.wait_text("is missing", "#f-contacts-0-address-error")
    browser.type("#f-contacts-0-address", "202")
    browser.choose("#f-contacts-0-watch", "nothing")
    browser.press("Save contacts")
    saved(browser)
    assert kept(phone)["contacts"] == [{"name": "Grace", "address": "202", "watch": "nothing"}]
    browser.type("#f-dialplan-timeout-s", "5")
    browser.choose("#f-ui-time-zone", "JST-9")
    browser.press("Save")
    saved(browser)
    assert kept(phone)["dialplan"] == {"timeout_s": 5} and kept(phone)["ui"]["time_zone"] == "JST-9"


def test_network(browser, phone, pictures):
    go(browser, "network", "Network")
    picture(browser, pictures, "network")
    browser.type("#f-network-wifi-ssid", "office")
    browser.type("#f-network-wifi-password", "correct horse")
    browser.press("Save")
    confirm(browser)
    saved(browser)
    assert kept(phone)["network"]["wifi"] == {"ssid": "office", "password": "correct horse"}
    # The password is nowhere in the page any more, and an empty field leaves it as it is.
    go(browser, "network", "Network")
    assert "correct horse" not in browser.run("return document.documentElement.innerHTML")
    assert browser.run("return document.querySelector('#f-network-wifi-password').value") == ""
    browser.type("#f-network-hostname", "desk-7")
    browser.press("Save")
    saved(browser)
    assert kept(phone)["network"]["wifi"]["password"] == "correct horse"
    assert "desk-7" in browser.text("header")
    # Further networks keep their passwords where nothing is typed.
    go(browser, "network", "Network")
    for number, ssid in enumerate(("cellar", "attic")):
        browser.press("Add a network")
        browser.type("#f-network-wifi-more-%d-ssid" % number, ssid)
        browser.type("#f-network-wifi-more-%d-password" % number, "secret " + ssid)
        browser.press("Save networks")
        confirm(browser)
        saved(browser)
        go(browser, "status", "Status")
        go(browser, "network", "Network")
    assert kept(phone)["network"]["wifi_more"] == [
        {"ssid": "cellar", "password": "secret cellar"},
        {"ssid": "attic", "password": "secret attic"},
    ]
    browser.press("Remove network 1")
    browser.press("Save networks")
    confirm(browser)
    saved(browser)
    assert kept(phone)["network"]["wifi_more"] == [{"ssid": "attic", "password": "secret attic"}]


def test_a_new_address_is_told_with_a_link(browser, phone):
    for address, words in (("127.0.0.1", phone.url), ("", "display shows under Status")):
        go(browser, "network", "Network")
        browser.type("#f-network-address", address)
        browser.type("#f-network-netmask", "255.0.0.0" if address else "255.255.255.0")
        browser.press("Save")
        confirm(browser)
        browser.wait_text("From then on the web interface is at", "main")
        assert words in browser.text("main")
        if address:
            assert browser.run("return document.querySelector('main a').href") == phone.url
        for _ in range(60):  # the phone answers 421 while it has no address
            browser.open(phone.url)
            if browser.run("return document.querySelectorAll('nav a').length"):
                break
            time.sleep(0.5)
        browser.wait_text("Status", "nav")


def test_call_log(browser, phone, pictures):
    go(browser, "calls", "Call log")
    for text in ("Grace 202", "missed 2026-07-31 14:05", "placed 2026-07-30 09:30 1:15"):
        assert text in browser.text("main"), text
    picture(browser, pictures, "calls")
    browser.press("Clear call log")
    browser.wait_text("No calls yet")
    assert json.loads(phone.file("history.json"))["entries"] == []


def test_phone_book(browser, phone, pictures):
    go(browser, "book", "Phone book")
    for name, number in (("Grace Hopper", "202"), ("Ada", "")):
        count = browser.run("return document.querySelectorAll('main input').length") // 2
        browser.press("Add a name")
        browser.type(f"#f-names-{count}-name", name)
        browser.type(f"#f-names-{count}-number", number)
    browser.press("Save")
    browser.wait_text("must have 1 to 64 characters", "#f-names-1-number-error")
    browser.type("#f-names-1-number", "call me maybe")
    browser.press("Save")
    browser.wait_text("must be a number or a SIP address", "#f-names-1-number-error")
    browser.type("#f-names-1-number", "+49 30 1234567")
    picture(browser, pictures, "phone-book")
    browser.press("Save")
    saved(browser)
    assert json.loads(phone.file("phonebook.json")) == [["Ada", "+49 30 1234567"], ["Grace Hopper", "202"]]


def test_update(browser, phone, pictures):
    go(browser, "update", "Update")
    browser.wait_text("not checked yet")
    assert browser.run(
        "return [...document.querySelectorAll('button')].find(b => b.innerText === 'Install').disabled"
    )
    browser.press("Check for updates")
    browser.wait("a message", "return document.querySelector('#update p').innerText !== ''")
    picture(browser, pictures, "update")
    browser.type("#f-update-url", "http://127.0.0.1:9/releases")
    browser.press("Save")
    saved(browser)
    assert kept(phone)["update"] == {"url": "http://127.0.0.1:9/releases"}
    go(browser, "update", "Update")
    browser.press("Check for updates")
    browser.wait_text("failed", "#update")


def test_backup_and_restore(browser, phone, pictures, tmp_path):
    go(browser, "backup", "Backup")
    picture(browser, pictures, "backup")
    browser.run("window.saved = []; window.save = (name, text) => saved.push(text)")
    browser.press("Download backup")
    browser.wait_text("Saved, without passwords")
    browser.type("#f-password", "not the password")
    browser.press("Download backup")
    browser.wait_text("Wrong password", "#message")
    browser.type("#f-password", PASSWORD)
    browser.press("Download backup")
    browser.wait_text("Saved, with passwords")
    bare, whole = browser.run("return saved")
    before = kept(phone)
    names = json.loads(phone.file("phonebook.json"))
    assert json.loads(whole) == dict(before, phonebook=names) and len(names) == 2
    assert "secret" not in bare and "correct horse" not in bare and "pbkdf2" not in bare
    # A file without passwords leaves those of the phone as they are.
    changed = json.loads(bare)
    changed["audio"]["volume"] = 20
    changed["phonebook"] = [["Grace", "not a number"]]
    upload(browser, changed, tmp_path)
    browser.wait_text("phonebook[0].number: must be a number or a SIP address", "#message")
    changed["phonebook"] = [["Zoë", "203"], ["Ada", "201"]]
    upload(browser, changed, tmp_path)
    saved(browser, "Restored")
    assert json.loads(phone.file("phonebook.json")) == [["Ada", "201"], ["Zoë", "203"]]
    before["audio"]["volume"] = 20
    assert kept(phone) == before
    go(browser, "backup", "Backup")
    upload(browser, {"audio": {"volume": 900}}, tmp_path)
    browser.wait_text("audio.volume: must be 0 to 100", "#message")
    upload(browser, "no JSON", tmp_path)
    browser.wait_text("is not JSON", "#message")
    upload(browser, {"x": "x" * 40000}, tmp_path)
    browser.wait_text("That file is too large.", "#message")
    assert kept(phone) == before


def upload(browser, content, tmp_path):
    file = tmp_path / "upload.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    element = browser._find("#restore")
    browser._ask("POST", f"/element/{element}/value", {"text": str(file)})


def test_a_new_password(browser, phone):
    go(browser, "backup", "Backup")
    browser.type("#f-old", PASSWORD)
    browser.type("#f-web-password", "another horse")
    browser.press("Change password")
    saved(browser, "Password changed")
    browser.press("Log out")
    browser.wait_text("Log in", "h1")
    browser.type("#f-password", PASSWORD)
    browser.press("Log in")
    browser.wait_text("Wrong password", "#message")
    log_in(browser, phone, "another horse")


def test_the_page_suits_a_small_screen_and_those_who_do_not_see_it(browser, phone):
    for page, title in (
        ("status", "Status"),
        ("lines", "Lines"),
        ("network", "Network"),
        ("tls", "Certificates"),
        ("backup", "Backup"),
    ):
        go(browser, page, title)
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), page
        unlabelled = browser.run(
            "return [...document.querySelectorAll('main input, main select, main textarea')]"
            ".filter(e => !e.labels.length).map(e => e.id)"
        )
        assert unlabelled == [], page
        assert browser.run("return document.querySelector('nav [aria-current]').textContent") == title
        assert browser.run(
            "return [...document.querySelectorAll('button')].every(e => e.textContent.trim())"
        ), page


def test_factory_reset(browser, phone):
    """Last: nothing is left after it."""
    go(browser, "backup", "Backup")
    browser.type("#f-reset", "another horse")
    browser.press("Erase everything")
    browser.wait_text("Erased", "h1")
    phone.wait("display", 15, lambda event: "Join this Wi-Fi:" in event["lines"])
    assert phone.file("phone.json") is None and phone.file("phonebook.json") is None


def test_without_a_password_the_display_shows_a_code(registrar):
    with Phone("201", settings("201", "first secret", registrar.address), options=["--page", "0"]) as phone:
        phone.url = phone.wait("web")["url"]
        phone.wait("ready")
        phone.keys("soft4", *["down"] * 5)
        shown = phone.wait("display", 10, lambda event: any("Web code" in line for line in event["lines"]))[
            "lines"
        ]
        code = next(line for line in shown if "Web code" in line).split()[-1]
        with Browser() as browser:
            browser.open(phone.url)
            browser.type("#f-password", "00000000")
            browser.press("Log in")
            browser.wait_text("Wrong password")
            browser.type("#f-password", code)
            browser.press("Log in")
            browser.wait_text("Choose a password")
            browser.type("#f-web-password", PASSWORD)
            browser.press("Set password")
            browser.wait_text("Password set", seconds=20)
            assert json.loads(phone.file("phone.json"))["web"]["password"].startswith("pbkdf2-sha256$")
