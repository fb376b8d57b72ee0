"""Certificates in the web interface: shown by their names and days, kept by patches, the key never shown."""

# micropython-heap: 400k: the server is loaded from .mpy files here, beside the test

import json

from support.der import certificate, pem
from support.web import KEPT, Server

CA = pem(certificate(b"Root", b"Root")) + pem(certificate(b"Other", b"Root", end=b"250101000000Z"))
OWN = pem(certificate(b"phone.test", b"Root"))
KEY = pem(b"\x30\x03\x02\x01\x07", "PRIVATE KEY")
SETTINGS = {"web": {"password": KEPT}, "tls": {"ca": CA, "certificate": OWN, "key": KEY}}


def test_what_is_shown():
    async def scenario(server):
        cookie, csrf = await server.log_in("correct horse")
        status, _, value = await server.ask("/api/certificates", cookie=cookie)
        assert (status, value["certificates"]) == (
            200,
            {
                "tls.ca": [
                    ["Root", "Root", "2020-01-01", "2060-01-02"],
                    ["Other", "Root", "2020-01-01", "2025-01-01"],
                ],
                "tls.certificate": [["phone.test", "Root", "2020-01-01", "2060-01-02"]],
            },
        )
        for path, body in (("/api/settings", None), ("/api/certificates", None), ("/api/backup", {})):
            _, head, value = await server.ask(path, body, cookie, X_CSRF_Token=csrf)
            assert "PRIVATE" not in head + json.dumps(value), path
        _, _, value = await server.ask("/api/settings", cookie=cookie)
        assert sorted(value["secrets"]) == ["tls.key", "web.password"]
        assert (await server.ask("/api/certificates"))[0] == 401

        storage = server.life.board.storage
        storage.write("ca.der", certificate(b"In a file"))
        storage.write("phone.json", json.dumps({"tls": {"ca": "ca.der", "certificate": "no.pem"}}).encode())
        _, _, value = await server.ask("/api/certificates", cookie=cookie)
        shown = value["certificates"]
        assert shown["tls.ca"] == [["In a file", "Authority", "2020-01-01", "2060-01-02"]]
        assert shown["tls.certificate"] == "there is no file no.pem"
        storage.write("ca.der", b"hello")
        _, _, value = await server.ask("/api/certificates", cookie=cookie)
        assert value["certificates"]["tls.ca"] == "holds no certificate"

    Server(SETTINGS).run(scenario)


def test_what_is_changed_needs_the_password():
    async def scenario(server):
        cookie, csrf = await server.log_in("correct horse")
        storage = server.life.board.storage

        async def save(tls, **more):
            body = dict(more, patch={"tls": tls})
            return await server.ask("/api/settings", body, cookie, X_CSRF_Token=csrf)

        for tls, kept in (
            ({"ca": OWN}, {"ca": OWN, "certificate": OWN, "key": KEY}),
            ({"key": KEY}, SETTINGS["tls"]),
            ({"certificate": None, "key": None}, {"ca": CA}),
            ({"ca": None}, {"certificate": OWN, "key": KEY}),
        ):
            storage.write("phone.json", json.dumps(SETTINGS).encode())
            assert (await save(tls))[0] == 428, tls
            assert json.loads(storage.read("phone.json")) == SETTINGS
            assert (await save(tls, password="correct horse"))[0] == 200, tls
            assert json.loads(storage.read("phone.json"))["tls"] == kept
        # Wrong ones are refused at their field, before anybody is asked for a password.
        storage.write("phone.json", json.dumps(SETTINGS).encode())
        for tls, mistake in (
            ({"ca": "hello world"}, "tls.ca: must be PEM text (-----BEGIN …) or a file name, such as ca.pem"),
            ({"ca": OWN[:-30]}, "tls.ca: must be PEM text: certificate 1 has no END line: it is truncated"),
            ({"ca": OWN + " " * 9000}, "tls.ca: must have at most 8192 characters, but has"),
            ({"certificate": None}, "tls.certificate: is missing"),
            ({"key": OWN}, "tls.key: must be PEM text with a PRIVATE KEY"),
        ):
            status, _, value = await save(tls)
            assert (status, value["mistakes"][0][: len(mistake)]) == (422, mistake), value

    Server(SETTINGS).run(scenario)
