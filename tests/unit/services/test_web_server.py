"""The page's door and server over real sockets: hostile octets, who may do what, and what it leaves in memory."""

# micropython-heap: 400k: the server is loaded from .mpy files here, beside the test

import gc

import compat
from support.web import HOST, KEPT, Server, hear, status_of


def with_password():
    return Server({"web": {"password": KEPT}, "network": {"hostname": "desk-7"}})


def request(text):
    return text.replace("\n", "\r\n").encode()


GET = "GET / HTTP/1.1\nHost: 127.0.0.1\n\n"

# What is said -> the status that answers it; 0: the connection just ends.
HOSTILE = (
    (GET, 200),
    ("GET / HTTP/1.0\nHost: 127.0.0.1\n\n", 200),
    ("\n\n", 400),
    ("GET /\n\n", 400),
    ("GET / HTTP/2.0\nHost: 127.0.0.1\n\n", 400),
    ("GET  / HTTP/1.1\nHost: 127.0.0.1\n\n", 400),
    ("GET http://127.0.0.1/ HTTP/1.1\nHost: 127.0.0.1\n\n", 400),
    ("GET /\x01 HTTP/1.1\nHost: 127.0.0.1\n\n", 400),
    ("GET /%s HTTP/1.1\nHost: 127.0.0.1\n\n" % ("x" * 600), 414),
    ("DELETE / HTTP/1.1\nHost: 127.0.0.1\n\n", 501),
    ("<> / HTTP/1.1\nHost: 127.0.0.1\n\n", 400),
    ("GET / HTTP/1.1\n\n", 400),
    ("GET / HTTP/1.1\nHost: 127.0.0.1\nHost: 127.0.0.1\n\n", 400),
    ("GET / HTTP/1.1\nHost: 127.0.0.1\nno colon\n\n", 400),
    ("GET / HTTP/1.1\nHost: 127.0.0.1\nA b: c\n\n", 400),
    ("GET / HTTP/1.1\nHost: 127.0.0.1\n folded: x\n\n", 400),
    ("GET / HTTP/1.1\nHost: 127.0.0.1\nX: a\x00b\n\n", 400),
    ("GET / HTTP/1.1\nHost: 127.0.0.1\n" + "X: y\n" * 50 + "\n", 431),
    ("GET / HTTP/1.1\nHost: 127.0.0.1\nX: " + "y" * 6000 + "\n\n", 431),
    ("y" * 6000, 431),
    ("POST /api/login HTTP/1.1\nHost: 127.0.0.1\nContent-Length: -1\n\n", 400),
    ("POST /api/login HTTP/1.1\nHost: 127.0.0.1\nContent-Length: ²\n\n", 400),
    ("POST /api/login HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 1\nContent-Length: 1\n\nx", 400),
    ("POST /api/login HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 99999999999\n\n", 400),
    ("POST /api/login HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 600\n\n" + "x" * 600, 413),
    ("POST /api/login HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 1\n\nxx", 400),
    ("POST /api/login HTTP/1.1\nHost: 127.0.0.1\nTransfer-Encoding: chunked\n\n0\n\n", 501),
    ("GET / HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 1\n\nx", 400),
    ("GET / HTTP/1.1\nHost: evil.example\n\n", 421),
    ("GET / HTTP/1.1\nHost: \n\n", 421),
    ("GET /../phone.json HTTP/1.1\nHost: 127.0.0.1\n\n", 404),
    ("GET /%2e%2e/phone.json HTTP/1.1\nHost: 127.0.0.1\n\n", 404),
    ("GET /?a=%zz HTTP/1.1\nHost: 127.0.0.1\n\n", 400),
    ("POST / HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 0\n\n", 404),
    ("POST /api/login HTTP/1.1\nHost: 127.0.0.1\nContent-Type: text/plain\nContent-Length: 2\n\n{}", 415),
    (
        "POST /api/login HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/json\nContent-Length: 2\n\n[]",
        400,
    ),
    (
        "POST /api/login HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/json\nContent-Length: 1\n\n{",
        400,
    ),
    (
        "POST /api/login HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/json\nContent-Length: 9\n\n"
        + "[" * 9,
        400,
    ),
)


def test_hostile_octets_get_an_answer_and_do_no_harm():
    server = with_password()

    async def scenario(server):
        for text, status in HOSTILE:
            answer = await server.say(request(text))
            assert status_of(answer) == status, (text[:80], status, answer[:200])
        assert status_of(await server.say(request(GET))) == 200
        assert server.life.phone.supervisor.faults == {}, server.life.phone.log.lines()

    server.run(scenario)


def test_octet_by_octet_and_given_up_in_between():
    server = with_password()

    async def scenario(server):
        for length in range(0, len(request(GET)) - 1, 7):
            sock = await server.connect()
            sock.send(request(GET)[:length]) if length else None
            sock.close()
        sock = await server.connect()
        for octet in request(GET):
            sock.send(bytes([octet]))
            await compat.sleep(1)
        assert status_of(await hear(sock)) == 200
        sock.close()
        await compat.sleep(50)
        assert server.web._guests == []

    server.run(scenario)


def test_those_who_say_nothing_make_room_for_those_who_do():
    server = with_password()

    async def scenario(server):
        silent = []
        for _ in range(12):
            silent.append(await server.connect())
            silent[-1].send(b"GET / HT")
        await compat.sleep(50)
        assert status_of(await server.say(request(GET))) == 200
        assert server.web.counters["evicted"] >= 6
        for sock in silent:
            sock.close()

    server.run(scenario)


def test_who_dawdles_is_let_go():
    server = with_password()
    server.web.longest_s = 0.3

    async def scenario(server):
        sock = await server.connect()
        for octet in b"GET / HTTP/1.1":
            try:
                sock.send(bytes([octet]))
            except OSError:
                break
            await compat.sleep(50)
        assert await hear(sock) == b"" and server.web.counters["timeout"] == 1
        sock.close()
        assert server.web._guests == []

    server.run(scenario)


def test_every_answer_carries_what_keeps_others_out():
    server = with_password()

    async def scenario(server):
        for path in ("/", "/api/session", "/nothing", "/api/status"):
            _, head, _ = await server.ask(path)
            for field in (
                "Content-Security-Policy: default-src 'none'",
                "X-Frame-Options: DENY",
                "X-Content-Type-Options: nosniff",
                "Referrer-Policy: no-referrer",
                "Cache-Control: no-",
            ):
                assert field in head, (path, field, head)

    server.run(scenario)


def test_nothing_is_told_and_nothing_done_without_a_login():
    server = with_password()

    async def scenario(server):
        for path in ("status", "settings", "log", "calls", "phonebook", "update", "first", "nothing"):
            assert (await server.ask("/api/" + path))[0] in (401, 404), path
            assert (await server.ask("/api/" + path, {}))[0] in (401, 404), path
        for path in ("restart", "backup", "restore", "reset", "password", "settings", "logout"):
            assert (await server.ask("/api/" + path, {}))[0] == 401, path
            assert (await server.ask("/api/" + path, {}, cookie="0" * 32))[0] == 401, path
        assert server.life.restarts == 0

    server.run(scenario)


def test_a_session_and_its_token():
    server = with_password()

    async def scenario(server):
        status, head, _ = await server.ask("/api/login", {"password": "correct horse"})
        assert status == 200 and "HttpOnly" in head and "SameSite=Strict" in head and "Path=/" in head
        cookie, csrf = await server.log_in("correct horse")
        assert (await server.ask("/api/settings", cookie=cookie))[0] == 200
        # A POST needs the token, from no other page, and JSON.
        for fields in (
            {},
            {"X_CSRF_Token": "0" * 32},
            {"X_CSRF_Token": csrf[:-1]},
            {"X_CSRF_Token": csrf, "Origin": "http://evil.example"},
            {"X_CSRF_Token": csrf, "Origin": "null"},
        ):
            assert (await server.ask("/api/restart", {}, cookie, **fields))[0] == 403, fields
        assert (await server.ask("/api/restart", {}, cookie, X_CSRF_Token=csrf, Content_Type="text/plain"))[
            0
        ] == 415
        assert server.life.restarts == 0
        origin = "http://%s:%d" % (HOST, server.port)
        assert (await server.ask("/api/restart", {}, cookie, X_CSRF_Token=csrf, Origin=origin))[0] == 200
        assert server.life.restarts == 1
        other, token = await server.log_in("correct horse")
        assert (
            other != cookie and (await server.ask("/api/restart", {}, cookie, X_CSRF_Token=token))[0] == 403
        )
        assert (await server.ask("/api/logout", {}, cookie, X_CSRF_Token=csrf))[0] == 200
        assert (await server.ask("/api/settings", cookie=cookie))[0] == 401
        assert (await server.ask("/api/settings", cookie=other))[0] == 200

    server.run(scenario)


def test_sessions_are_few_and_end_by_themselves():
    server = with_password()

    async def scenario(server):
        cookies, statuses = [], []
        for _ in range(6):
            cookies.append((await server.log_in("correct horse"))[0])
        assert len(server.web.sessions) == 4
        for cookie in cookies:
            statuses.append((await server.ask("/api/settings", cookie=cookie))[0])
        assert statuses == [401, 401, 200, 200, 200, 200]
        for session in server.web.sessions:
            session.used = compat.ticks_add(session.used, -1_800_001)
        assert (await server.ask("/api/settings", cookie=cookies[5]))[0] == 401
        assert server.web.sessions == []

    server.run(scenario)


def test_who_guesses_waits():
    server = with_password()

    async def scenario(server):
        statuses = []
        for guess in ("", "12345678", None, 7, "x" * 100, "correct horse"):
            statuses.append((await server.ask("/api/login", {"password": guess}))[0])
        assert statuses == [403, 403, 403, 429, 429, 429], (
            "three guesses are free, the right one after them waits too"
        )
        assert server.web.sessions == []
        # All at once gains nothing either: the count comes before the looking.
        address = HOST
        assert sorted(server.web.failures) == ["", HOST]
        count, until = server.web.failures[HOST]
        assert count == 3
        server.web.failures[address] = count, compat.ticks_add(until, -60_000)
        assert (await server.ask("/api/login", {"password": "wrong"}))[0] == 403
        server.web.failures[address] = 9, compat.ticks_add(compat.ticks_ms(), -1)
        assert (await server.ask("/api/login", {"password": "wrong"}))[0] == 403
        wait = compat.ticks_diff(server.web.failures[address][1], compat.ticks_ms())
        assert 100_000 < wait <= 300_000
        server.web.failures[address] = 9, compat.ticks_add(compat.ticks_ms(), -1)
        await server.log_in("correct horse")
        assert list(server.web.failures) == [""], "of all addresses together the wrong ones still count"

    server.run(scenario)


def test_without_a_password_the_code_of_the_display_lets_in():
    server = Server()

    async def scenario(server):
        assert (await server.ask("/api/login", {"password": ""}))[0] == 403
        cookie, csrf = await server.log_in("12345678")

        async def choose(**body):
            return await server.ask("/api/password", body, cookie, X_CSRF_Token=csrf)

        status, _, value = await choose(new="aaaaaaaa", old="12345678")
        assert status == 422 and value["mistakes"] == [
            "web.password: must have at least 4 different characters"
        ]
        status, _, value = await choose(new="correct horse")
        assert (status, value["error"]) == (403, "the code is wrong"), "a session is no code"
        assert server.life.restarts == 0
        assert (await choose(new="correct horse", old="12345678"))[0] == 200
        assert server.life.restarts == 1
        assert b"correct horse" not in server.life.board.storage.read("phone.json")

    server.run(scenario)


def test_settings_come_without_secrets_and_keep_them():
    lines = [{"aor": "sip:%d@h" % n, "password": "secret%d" % n} for n in (1, 2)]
    server = Server(
        {
            "web": {"password": KEPT},
            "lines": lines,
            "network": {"wifi": {"ssid": "a", "password": "secret wifi"}},
            "provisioning": {"url": "http://h", "password": "secret server"},
        }
    )

    async def scenario(server):
        cookie, csrf = await server.log_in("correct horse")
        answer = await server.ask("/api/settings", cookie=cookie)
        assert "secret" not in str(answer[2]["settings"]) and "pbkdf2" not in str(answer)
        assert sorted(answer[2]["secrets"]) == [
            "lines[0].password",
            "lines[1].password",
            "network.wifi.password",
            "provisioning.password",
            "web.password",
        ]

        async def save(patch):
            body = {"patch": patch, "password": "correct horse"}
            return await server.ask("/api/settings", body, cookie, X_CSRF_Token=csrf)

        before = server.life.board.storage.read("phone.json")
        for patch, mistake in (
            ({"audio": {"volume": 101}}, "audio.volume: must be 0 to 100"),
            ({"lines": [{}]}, "lines[0].aor: is missing"),
            ({"nonsense": 1}, "nonsense: is not a setting"),
            ({"network": {"wifi": {"ssid": None}}}, "network.wifi.ssid: is missing"),
        ):
            status, _, value = await save(patch)
            assert status == 422 and value["mistakes"][0].startswith(mistake), value
            assert server.life.board.storage.read("phone.json") == before
        for patch in (None, [], 7, "x"):
            assert (await save(patch))[0] == 400
        assert server.life.restarts == 0
        # The second line becomes the first and keeps its password; indices that are none bring nobody's.
        status, _, _ = await save(
            {
                "lines": [
                    {"aor": "sip:2@h", "keep": 1},
                    {"aor": "sip:3@h", "keep": 7},
                    {"aor": "sip:4@h", "keep": True},
                    {"aor": "sip:5@h", "keep": -1},
                ],
                "web": {"password": None},
            }
        )
        assert status == 200 and server.life.restarts == 1
        document = str(server.life.board.storage.read("phone.json"), "utf-8")
        assert "secret2" in document and "secret1" not in document and "keep" not in document
        assert "secret wifi" in document and KEPT in document

    server.run(scenario)


def test_a_full_flash_is_told_and_changes_nothing():
    server = with_password()

    async def scenario(server):
        cookie, csrf = await server.log_in("correct horse")

        def full(name, *pieces):
            raise OSError(28)

        server.life.board.storage.write = full
        status, _, value = await server.ask(
            "/api/settings", {"patch": {"audio": {"volume": 7}}}, cookie, X_CSRF_Token=csrf
        )
        assert status == 507 and "could not be stored" in value["error"] and server.life.restarts == 0

    server.run(scenario)


def test_the_phone_has_its_name_too():
    server = with_password()

    async def scenario(server):
        for name, status in (
            ("desk-7", 200),
            ("DESK-7.local", 200),
            ("desk-7.local:%d" % server.port, 200),
            ("desk-7.example.com", 421),
            ("127.0.0.1.evil.example", 421),
            ("[::1]", 421),
        ):
            assert (await server.ask("/", Host=name))[0] == status, name

    server.run(scenario)


def heap():
    compat.collect()
    compat.collect()
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def test_what_nobody_uses_leaves_the_memory():
    server = with_password()

    async def scenario(server):
        # Once around first: what stays for good after the first time (names of modules) is not measured.
        sizes = []
        for _ in range(3):
            server.web.forget_ms = 180_000
            await server.ask("/")
            await server.log_in("correct horse")
            assert server.web.loaded
            loaded = heap()
            server.web.forget_ms = 0
            while server.web.loaded:
                await compat.sleep(50)
            sizes.append((loaded, heap()))
        print("heap with the page and without it:", sizes)
        if sizes[0][0]:
            assert sizes[-1][0] - sizes[-1][1] > 20_000, "the page is gone from memory"
            assert sizes[-1][1] - sizes[0][1] < 1_000, "and leaves nothing behind each time"
        assert len(server.web.sessions) == 3, "who was logged in still is"

    server.run(scenario)


def test_the_log_is_text_and_may_be_asked_for_what_is_new():
    server = Server({"web": {"password": KEPT}})

    async def scenario(server):
        log = server.life.phone.log
        log._storage = server.life.board.storage
        log.info("before")
        log.save()
        cookie, _ = await server.log_in("correct horse")
        status, head, text = await server.ask("/api/log", None, cookie)
        rows = str(text, "utf-8").split("\n")
        assert status == 200 and "text/plain" in head and rows[0] == "2 whole"
        assert rows[1].endswith(" info before") and rows[2].endswith(" info web: login from 127.0.0.1")
        assert await news(server, cookie, "2") == ["2 more"]
        log.warning("after")
        head, row = await news(server, cookie, "2")
        assert head == "3 more" and row.endswith(" warning after")
        log.save()
        assert len(await news(server, cookie, "2")) == 2
        # A number of another phone's life, or of long ago: all of it.
        for since in ("4", "999999999", "-1", "x", ""):
            assert (await news(server, cookie, since))[0] == "3 whole", since
        for number in range(100):
            log.info("line %d" % number)
        assert (await news(server, cookie, "3"))[0] == "103 whole"
        await server.ask("/api/login", {"password": "wrong"})
        assert log.lines()[-1] == ("warning", "web: wrong password from 127.0.0.1")
        assert (await server.ask("/api/log"))[0] == 401

    async def news(server, cookie, since):
        text = (await server.ask("/api/log?since=" + since, None, cookie))[2]
        return str(text, "utf-8").rstrip("\n").split("\n")

    server.run(scenario)
