"""From what people type to what the phone's parts take."""

# micropython-heap: 320k: the table of the settings is loaded beside the test

import json

from app import from_settings
from support.web import Anything


def lines_of(*accounts):
    return from_settings.lines(from_settings.load(json.dumps({"lines": list(accounts)})))


def test_an_account_may_be_typed_as_user_at_server():
    typed = {"aor": "201@pbx.example:5070", "registrar": "pbx.example", "proxy": "192.0.2.9:5080;lr"}
    account = lines_of(typed)[0].account
    assert str(account.aor) == "sip:201@pbx.example:5070"
    assert str(account.registrar) == "sip:pbx.example" and str(account.proxy) == "sip:192.0.2.9:5080;lr"
    for typed in ("sip:sips@pbx.example", "SIPS:201@pbx.example", "sipster@pbx.example"):
        line = lines_of({"aor": typed})[0]
        assert line.account.aor.scheme == ("sips" if typed[:5] == "SIPS:" else "sip"), typed
        assert line.account.aor.host == "pbx.example", typed


def test_a_phone_that_nobody_has_named_is_named_after_its_mac():
    assert from_settings.hostname("02bace11ab12") == "bakelite-ab12"
    assert from_settings.hostname("02:BA:CE:11:7E:01") == "bakelite-7e01"


def test_what_a_phone_says_of_itself_is_a_setting():
    board = Anything(name="esp32s3_devkit", network=Anything(mac="02bace11ab12"))
    for given, said in (
        ("{}", "Bakelite/1.2 (esp32s3_devkit; 02bace11ab12)"),
        ('{"network": {"user_agent": "short"}}', "Bakelite/1.2"),
    ):
        chosen = from_settings.load(given).network.user_agent
        assert from_settings.device("Bakelite/1.2", board, chosen) == said
