"""docs/pbx/kamailio.md, followed to the letter but for addresses: its configuration is what runs here."""

import json
import re

from interop.peers import HOST, Kamailio

from support.mirror import ROOT
from tools.lib.bench_client import Phone

PAGE = (ROOT / "docs" / "pbx" / "kamailio.md").read_text()
SERVER, SERVER_PORT = "192.0.2.10", "5060"


def snippets() -> dict:
    """{language: text} of the page's blocks that say that they are run."""
    found = re.findall(
        r"<!-- run by tests/interop/test_documented.py -->\n```(\w+)\n(.*?)\n```", PAGE, re.DOTALL
    )
    return dict(found)


class Documented(Kamailio):
    """Kamailio with the page's own configuration."""

    def here(self, text: str) -> str:
        return text.replace(f"{SERVER}:{SERVER_PORT}", f"{HOST}:{self.port}")

    def arguments(self) -> list:
        text = snippets()["cfg"]
        assert text.count(f"{SERVER}:{SERVER_PORT}") == 2
        path = self.folder / "kamailio.cfg"
        path.write_text(self.here(text).replace("log_stderror=no", "log_stderror=yes") + "\n")
        return self.run_with(path)


def a_phone(server, user: str, password: str) -> Phone:
    config = json.loads(server.here(snippets()["json"]))
    (line,) = config["lines"]
    line["aor"] = line["aor"].replace("201", user)
    line["password"] = password
    config["network"] = {"sip_port": 0, "rtp_port_min": 0, "rtp_port_max": 0}
    return Phone(user, config)


def test_kamailio_and_two_phones_as_the_page_sets_them_up(tmp_path):
    ours, theirs = re.findall(r'\$var\(password\) = "([^"]+)"', snippets()["cfg"])
    assert json.loads(snippets()["json"])["lines"][0]["password"] == ours
    with Documented(tmp_path / "kamailio") as server:
        with a_phone(server, "201", ours) as caller, a_phone(server, "202", theirs) as callee:
            for phone in (caller, callee):
                phone.wait("line", state="registered")
            caller.do("hook", state="off")
            caller.keys("202#")
            callee.wait("call", state="ringing", direction="in")
            callee.do("hook", state="off")
            for phone in (caller, callee):
                phone.wait("call", state="active")
            caller.do("hook", state="on")
            ended = callee.wait("call", state="ended")
            assert ended["reason"] == "Call ended"
        with a_phone(server, "201", "wrong") as phone:
            failed = phone.wait("line", state="failed")
            assert failed["reason"] == "Wrong user or password"
