"""tools/provision.py as a program: from a table to phones that register with what they were given."""

import http.client
import json
import subprocess
import sys

import pytest
from interop.certificates import Identity

from net.discovery import ProfileQuestion
from tools import provision
from tools.lib.bench_client import ROOT, Phone, Program, Registrar, settings

TOOL = [sys.executable, str(ROOT / "tools" / "provision.py")]
GOOD = "mac,aor,password,audio.volume,ui.clock_24h\n02-00-00-00-00-01,sip:201@pbx.example,12345678,70,false\n"


def run(*arguments, **named):
    """(exit code, stdout, stderr)."""
    done = subprocess.run([*TOOL, *arguments], capture_output=True, text=True, timeout=30, **named)
    return done.returncode, done.stdout, done.stderr


def test_make_writes_a_checked_file_for_each_row(tmp_path):
    table, common, out = tmp_path / "phones.csv", tmp_path / "common.json", tmp_path / "fleet"
    table.write_text(GOOD)
    common.write_text('{"audio": {"volume": 10}, "phonebook": [["Ada", "201"]]}')
    code, said, errors = run("make", str(table), "--common", str(common), "--out", str(out))
    assert (code, errors) == (0, "") and "1 phone in " in said
    made = json.loads((out / "020000000001.json").read_text())
    assert made["lines"] == [{"aor": "sip:201@pbx.example", "password": "12345678"}]
    assert made["audio"] == {"volume": 70} and made["ui"] == {"clock_24h": False}
    assert (out / "020000000001.json").stat().st_mode & 0o077 == 0
    shared = {"audio": {"volume": 10}, "phonebook": [["Ada", "201"]]}
    assert json.loads((out / "common.json").read_text()) == shared
    common.write_text('{"phonebook": [["Ada", "201"], ["Bob", "who knows"]]}')
    code, said, errors = run("make", str(table), "--common", str(common), "--out", str(out))
    assert code == 2 and "phonebook[1].number: must be a number or a SIP address" in errors
    assert json.loads((out / "common.json").read_text()) == shared


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_table_may_be_separated_as_spreadsheets_of_europe_do(tmp_path, separator):
    table, out = tmp_path / "phones.csv", tmp_path / "fleet"
    rows = [["mac", "aor", "display_name"], ["020000000001", "201@pbx.example", "Lovelace, Ada"]]
    table.write_text("\r\n".join(separator.join(row) for row in rows) + "\r\n", encoding="utf-8-sig")
    code, _, errors = run("make", str(table), "--out", str(out))
    assert (code, errors) == (0, "")
    made = json.loads((out / "020000000001.json").read_text())
    assert made["lines"] == [{"aor": "201@pbx.example", "display_name": "Lovelace, Ada"}]


@pytest.mark.parametrize(("table", "words"), [
    ("aor\nsip:1@x\n", "one of them `mac`"),
    ("mac,aor\nnonsense,sip:1@x\n", "row 2: mac: must be 12 hexadecimal digits"),
    ("mac,aor\n020000000001,sip:1@x\n0200.0000.0001,sip:2@x\n", "row 3: mac: is that of an earlier row"),
    ("mac,colour\n020000000001,red\n", "row 2: colour: is not a setting"),
    ("mac,aor\n020000000001,nobody\n", "row 2: aor: must name a user"),
    ("mac,aor,audio.volume\n020000000001,sip:1@x,loud\n", "row 2: audio.volume: must be a whole number"),
    ("mac,aor,audio.volume\n020000000001,sip:1@x,900\n", "row 2: audio.volume: must be 0 to 100"),
    ("mac,aor,audio.volume\n020000000001,nobody,900\n", "row 2: aor: must name a user"),
    ("mac;aor;audio.volume\n020000000001;sip:1@x;101\n", "row 2: audio.volume: must be 0 to 100"),
    ("mac,aor\n020000000001,sip:1@x,2\n", "more cells"),
    ("mac,aor,password\n020000000001,nobody,hidden-secret\n", "row 2: aor: "),
])  # fmt: skip
def test_mistakes_name_their_place_and_nothing_is_written(tmp_path, table, words):
    path, out = tmp_path / "phones.csv", tmp_path / "fleet"
    path.write_text(table)
    code, said, errors = run("make", str(path), "--out", str(out))
    assert code == 2 and words in errors and "hidden-secret" not in errors + said, errors
    assert not out.exists()


def test_what_cannot_be_had_ends_with_1(tmp_path):
    code, _, errors = run("serve", str(tmp_path / "none"))
    assert code == 1 and "there is no such folder" in errors
    assert run("make", str(tmp_path / "none.csv"))[0] == 1


def test_a_password_for_the_page():
    code, said, _ = run("password", input="correct horse\n")
    assert code == 0 and said.startswith("pbkdf2-sha256$4000$") and "horse" not in said
    code, said, errors = run("password", input="short\n")
    assert code == 2 and "must have" in errors


class Serving(Program):
    """`provision.py serve` in the background; `url` is where."""

    def __init__(self, folder, *arguments):
        super().__init__(
            "provision", [*TOOL[1:], "serve", str(folder), "--listen", "127.0.0.1:0", *arguments]
        )
        self.url = self.wait("output", where=lambda each: "phones find" in each["text"])["text"].split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def close(self):
        self._process.kill()


@pytest.fixture
def fleet(tmp_path):
    (tmp_path / "020000000001.json").write_text('{"audio": {"volume": 33}}')
    (tmp_path / "notes.txt").write_text("secret")
    (tmp_path / "common.json").write_text("{}")
    return tmp_path


def ask(url, path, **headers):
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read(), dict(answer.getheaders())


def test_serve_gives_out_settings_and_nothing_else(fleet):
    with Serving(fleet) as serving:
        status, body, headers = ask(serving.url, "/020000000001.json")
        assert (status, json.loads(body)) == (200, {"audio": {"volume": 33}})
        assert ask(serving.url, "/020000000001.json", **{"If-None-Match": headers["ETag"]})[0] == 304
        for path in (
            "/notes.txt",
            "/",
            "/../common.json",
            "/%2e%2e/common.json",
            "/0200000000ff.json",
            "/common.new",
        ):
            assert ask(serving.url, path)[0] == 404, path


def test_serve_asks_for_the_password_as_curl_knows_it(fleet):
    with Serving(fleet, "--user", "phones:secret") as serving:
        url = serving.url + "/common.json"
        assert ask(serving.url, "/common.json")[0] == 401
        for secret, status in (("secret", "200"), ("wrong", "401")):
            code = subprocess.run(
                ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--digest", "-u", "phones:" + secret, url],
                capture_output=True, text=True, timeout=20,
            )  # fmt: skip
            assert code.stdout == status


def test_a_phones_question_by_multicast_is_answered():
    question = ProfileQuestion("02:00:00:00:00:01", "Bakelite/1")
    question.begin("127.0.0.1", 30000)
    accepted, notify = provision.answers(question.to_bytes(), "http://192.0.2.1:8080")
    assert accepted.startswith(b"SIP/2.0 200 ") and question.receive(notify)[1] == "http://192.0.2.1:8080/"
    for octets in (b"", b"\xff" * 50, question.to_bytes().replace(b"ua-profile", b"presence")):
        assert provision.answers(octets, "http://192.0.2.1") == []


def test_a_question_from_port_0_does_not_end_the_answers(monkeypatch, capsys):
    question = ProfileQuestion("02:00:00:00:00:01", "Bakelite/1")
    question.begin("127.0.0.1", 30000)
    asked = [(question.to_bytes(), (host, port)) for host, port in (("192.0.2.1", 0), ("192.0.2.2", 5060))]
    answered = []

    class Socket:
        def __init__(self, *_):
            pass

        setsockopt = bind = __init__

        def recvfrom(self, most):
            return asked.pop(0)

        def sendto(self, data, source):
            if source[1] == 0:
                raise OSError(22, "Invalid argument")
            answered.append(source[0])

    monkeypatch.setattr(provision.socket, "socket", Socket)
    with pytest.raises(IndexError):  # nobody asks any more
        provision.announce("http://192.0.2.1:8080", ("127.0.0.1", 5060))
    assert answered == ["192.0.2.2"] * 2
    assert "no answer to 192.0.2.1:0" in capsys.readouterr().out


def test_a_path_cannot_write_on_the_terminal(capsys):
    handler = provision.Handler.__new__(provision.Handler)
    handler.client_address = ("192.0.2.1", 40000)
    handler.log_message('"%s" %s', "GET /\x1b]0;title\x07\x9b2J HTTP/1.1", "404")
    assert capsys.readouterr().out == '192.0.2.1 "GET /\\x1b]0;title\\x07\\x9b2J HTTP/1.1" 404\n'


@pytest.mark.parametrize("runtime", ["cpython", "micropython"])
def test_a_phone_with_nothing_but_the_url_registers_with_what_it_is_given(tmp_path, runtime):
    fleet = tmp_path / "fleet"
    fleet.mkdir()
    with Registrar({"201": "secret"}) as registrar, Serving(fleet, "--user", "phones:hidden") as serving:
        own = {
            "network": {"sip_port": 0, "rtp_port_min": 0, "rtp_port_max": 0},
            "provisioning": {"url": serving.url, "user": "phones", "password": "hidden"},
        }
        line = settings("201", "secret", registrar.address)["lines"][0]
        (fleet / "common.json").write_text(json.dumps({"lines": [line]}))
        with Phone("201", own, options=["--runtime", runtime]) as phone:
            phone.wait("line", state="registered", timeout=30)
            kept = json.loads((phone.flash / "provisioned.json").read_text())
            assert kept["settings"]["lines"] == [line]


@pytest.mark.parametrize("runtime", ["cpython", "micropython"])
def test_certificates_and_a_key_come_with_the_settings(tmp_path, runtime):
    fleet = tmp_path / "fleet"
    fleet.mkdir()
    authority = Identity(tmp_path / "ca", "authority")
    # As a DNS name, too: mbedtls looks at no other.
    server = Identity(tmp_path / "ca", "server", ["IP:127.0.0.1", "DNS:127.0.0.1"], authority)
    own = Identity(tmp_path / "ca", "phone", ["URI:sip:201@127.0.0.1"], authority)
    tls = ["--tls", str(server.certificate), str(server.key), "--tls-ca", str(authority.certificate)]
    with Registrar({"201": "secret"}, options=tls) as registrar, Serving(fleet) as serving:
        address = registrar.events[0]["tls"]
        line = settings("201", "secret", address, transport="tls")["lines"][0]
        line["proxy"] = f"sip:{address};transport=tls"
        given = {
            "ca": authority.pem.decode(),
            "certificate": own.pem.decode(),
            "key": own.key.read_text(),
        }
        (fleet / "common.json").write_text(json.dumps({"lines": [line], "tls": given}))
        phone_json = {
            "network": {"sip_port": 0, "rtp_port_min": 0, "rtp_port_max": 0},
            "provisioning": {"url": serving.url},
        }
        options = ["--runtime", runtime] + (["--heap", "2m"] if runtime == "micropython" else [])
        log = tmp_path / "log"
        with Phone("201", phone_json, options=options, log=log) as phone:
            phone.wait("line", state="registered", timeout=30)
        assert given["key"].split("\n")[1] not in log.read_text()
