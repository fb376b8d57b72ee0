"""A session of the web interface is no password: what it can do without the password typed again."""

# micropython-heap: 400k: the server is loaded from .mpy files here, beside the test

import json

from support.web import KEPT, Server

LINE = {"aor": "sip:201@pbx.example", "password": "secret line"}
OTHER = {"aor": "sip:202@b.example", "proxy": "sip:b.example", "password": "secret other", "expires": 600}
SETTINGS = {
    "web": {"password": KEPT},
    "lines": [LINE, OTHER],
    "network": {
        "wifi": {"ssid": "office", "password": "secret wifi"},
        "wifi_more": [{"ssid": "cellar", "password": "secret cellar"}],
    },
    "provisioning": {"url": "https://h/p", "user": "u", "password": "secret server"},
    "tls": {"fingerprints": "ab" * 32},
}


def kept(index, **changes):
    """A line as a browser sends it, which has not seen its password."""
    row = dict((LINE, OTHER)[index], keep=index)
    row.pop("password")
    row.update(changes)
    return row


# A patch -> what a session without the password gets: 200 where it changes nothing about secrets.
PATCHES = (
    ({"audio": {"volume": 5}}, 200),
    ({"web": {"port": 8080}}, 200),
    ({"web": {"password": None}}, 200),  # not looked at: the password has a way of its own
    ({"web": {"password": KEPT.replace("0", "1")}}, 200),
    ({"web": None}, 400),
    ({"web": []}, 400),
    ({"web": "x"}, 400),
    ({"lines": [kept(0), kept(1)]}, 200),
    ({"lines": [kept(1), kept(0)]}, 200),
    ({"lines": [kept(0)]}, 200),
    ({"lines": [kept(0, display_name="Ada", transport="udp", minimum_digest="md5"), kept(1)]}, 200),
    ({"lines": [kept(0, aor="sip:201@evil.example"), kept(1)]}, 428),
    ({"lines": [kept(0, user="x"), kept(1)]}, 428),
    ({"lines": [kept(0, registrar="sip:evil.example"), kept(1)]}, 428),
    ({"lines": [kept(0, backup_registrar="sip:evil.example"), kept(1)]}, 428),
    ({"lines": [kept(0, proxy="sip:evil.example"), kept(1)]}, 428),
    ({"lines": [kept(0, transport="tcp"), kept(1)]}, 428),
    ({"lines": [kept(0, realm="evil"), kept(1)]}, 428),
    ({"lines": [kept(0, minimum_digest="sha-256"), kept(1)]}, 428),
    ({"lines": [dict(kept(1), keep=0)]}, 428),  # the first line's password to the second's server
    ({"lines": [LINE, kept(1)]}, 428),  # a password that is right tells as much as one that is wrong
    ({"lines": [dict(LINE, password="guess"), kept(1)]}, 428),
    ({"lines": [kept(0), kept(1), {"aor": "sip:1@evil.example"}]}, 428),  # its server may give settings
    ({"lines": []}, 428),  # the network may name a server for a phone without lines
    ({"lines": None}, 428),
    ({"network": {"wifi": {"ssid": "evil"}}}, 428),
    ({"network": {"wifi": {"password": "secret wifi"}}}, 428),
    ({"network": {"wifi": None}}, 428),
    ({"network": {"wifi_more": [{"ssid": "evil"}]}}, 428),
    ({"network": {"wifi_more": [{"ssid": "cellar", "keep": 0}]}}, 200),
    ({"network": {"wifi_more": [{"ssid": "evil", "keep": 0}]}}, 428),
    ({"network": {"wifi_more": [{"ssid": "cellar", "keep": 1}]}}, 428),
    ({"network": {"wifi_more": []}}, 428),
    ({"network": {"wifi_more": 7}}, 422),
    ({"network": {"dns": "6.6.6.6"}}, 428),
    ({"network": {"address": "10.0.0.2", "gateway": "10.0.0.6"}}, 428),
    ({"network": {"hostname": "other"}}, 200),
    ({"tls": {"fingerprints": "cd" * 32}}, 428),
    ({"tls": {"ca": "other.pem"}}, 428),
    ({"tls": None}, 428),
    ({"provisioning": {"url": "https://evil/p"}}, 428),
    ({"provisioning": {"user": "v"}}, 428),
    ({"provisioning": {"password": "secret server"}}, 428),
    ({"provisioning": {"discovery": False}}, 428),
    ({"provisioning": {"discovery": True, "interval_min": 60}}, 200),
    ({"provisioning": None}, 428),
    ({"update": {"url": "https://evil/u"}}, 200),  # what it has must be signed
)


def test_what_a_session_may_do_with_settings_and_what_the_password():
    async def scenario(server):
        cookie, csrf = await server.log_in("correct horse")
        storage = server.life.board.storage

        async def save(patch, **more):
            body = dict(more, patch=patch)
            return (await server.ask("/api/settings", body, cookie, X_CSRF_Token=csrf))[0]

        for patch, status in PATCHES:
            before = json.dumps(SETTINGS).encode()
            storage.write("phone.json", before)
            assert await save(patch) == status, patch
            changed = json.loads(storage.read("phone.json"))
            assert changed["web"]["password"] == KEPT, patch
            if status == 200:
                assert [
                    line["aor"] for line in changed["lines"] if line.get("password") != "secret line"
                ] in (
                    [OTHER["aor"]],
                    [],
                ), patch
                continue
            assert storage.read("phone.json") == before, patch
            if status == 428:
                server.web.failures = {}
                assert await save(patch, password="wrong horse") == 403, patch
                assert storage.read("phone.json") == before, patch
                assert await save(patch, password="correct horse") == 200, patch

    Server(SETTINGS).run(scenario)


def without_secrets():
    bare = json.loads(json.dumps(SETTINGS))
    bare.pop("web")
    for section in (
        bare["lines"][0],
        bare["lines"][1],
        bare["network"]["wifi"],
        bare["network"]["wifi_more"][0],
        bare["provisioning"],
    ):
        section.pop("password")
    return bare


def test_what_a_session_may_restore_and_what_the_password():
    async def scenario(server):
        cookie, csrf = await server.log_in("correct horse")
        storage = server.life.board.storage

        async def restore(settings, **more):
            body = dict(more, settings=settings)
            return (await server.ask("/api/restore", body, cookie, X_CSRF_Token=csrf))[0]

        moved, other_page, full = without_secrets(), without_secrets(), json.loads(json.dumps(SETTINGS))
        moved["lines"][0]["registrar"] = "sip:evil.example"
        other_page["web"] = {"password": KEPT.replace("$0001", "$1001")}
        for settings, status in (
            (without_secrets(), 200),
            (dict(without_secrets(), audio={"volume": 5}), 200),
            (moved, 428),
            (other_page, 428),
            (full, 428),
            ({}, 428),
            ([], 422),
            (None, 422),
            ("x", 422),
            (7, 422),
        ):
            before = json.dumps(SETTINGS).encode()
            storage.write("phone.json", before)
            assert await restore(settings) == status, settings
            changed = json.loads(storage.read("phone.json"))
            assert changed["web"]["password"] == KEPT and changed["lines"][0]["password"] == "secret line"
            if status != 200:
                assert storage.read("phone.json") == before, settings
            if status == 428:
                assert await restore(settings, password="correct horse") == 200, settings
        assert json.loads(storage.read("phone.json"))["web"]["password"] == KEPT, (
            "{} keeps the page's password"
        )

    Server(SETTINGS).run(scenario)


def test_the_code_counts_where_there_is_no_password():
    settings = {"lines": [LINE]}

    async def scenario(server):
        cookie, csrf = await server.log_in("12345678")
        body = {"patch": {"lines": [kept(0, proxy="sip:evil.example")]}}
        status, _, value = await server.ask("/api/settings", body, cookie, X_CSRF_Token=csrf)
        assert (status, value["error"]) == (428, "this change needs the code on the phone's display")
        body["password"] = "12345678"
        assert (await server.ask("/api/settings", body, cookie, X_CSRF_Token=csrf))[0] == 200

    Server(settings).run(scenario)
