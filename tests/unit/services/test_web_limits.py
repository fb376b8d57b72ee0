"""Bounds of the web interface's server: who guesses, who does not read, memory, and ticks that wrap."""

# micropython-heap: 400k: the server is loaded from .mpy files here, beside the test

import asyncio

import compat
from services import password, web_server
from services.web_server import Guest, Session
from support.web import KEPT, Anything, Server, status_of

GET = b"GET /pages.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
DAY_MS = 86_400_000


class Ticks:
    """A stand-in for compat.ticks_ms, within which time passes as the test says."""

    def __init__(self, now=0):
        self.now = now
        self._real = compat.ticks_ms

    def __enter__(self):
        compat.ticks_ms = lambda: self.now
        return self

    def __exit__(self, *_):
        compat.ticks_ms = self._real

    def passes(self, ms):
        self.now = compat.ticks_add(self.now, ms)


def guarded():
    server = Server({"web": {"password": KEPT}})
    server.web.phone = server.life.phone
    return server


async def stuck():
    await compat.sleep(60_000)


def outcome(web, address, given):
    """What a log-in from `address` comes to: True, False, or the seconds to wait for."""
    from services.web.api import is_owner
    from services.web.request import BadRequest

    try:
        return asyncio.run(is_owner(web, Anything(client_addr=(address, 0)), given))
    except BadRequest as error:
        assert error.status == 429
        return int(str(error).split()[-2])


def address(number):
    return "10.0.%d.%d" % (number // 250, number % 250)


def test_many_addresses_together_guess_no_faster_than_a_few():
    web = guarded().web
    with Ticks() as ticks:
        # (guesses before from as many addresses, what the next from a new one comes to)
        for before, expected in ((0, False), (18, False), (19, False), (20, 60), (21, 60)):
            web.failures, ticks.now = {}, 0
            for number in range(before):
                outcome(web, address(number), "wrong")
            assert outcome(web, "10.1.0.1", "wrong") == expected, before
        assert outcome(web, "10.1.0.2", "correct horse") == 60, "the right one waits too"
        ticks.passes(59_999)
        assert outcome(web, "10.1.0.3", "wrong") == 1
        ticks.passes(2)
        assert outcome(web, "10.1.0.3", "correct horse") is True
        # In a day: one a minute, however many addresses there are.
        looked_at = 0
        for number in range(1440):
            for _ in range(2):
                looked_at += outcome(web, address(number), "wrong") is False
            ticks.passes(60_000)
        assert 1400 < looked_at <= 1440 + 20, looked_at


def test_where_the_owner_came_from_the_guesses_of_others_do_not_count():
    web = guarded().web
    with Ticks() as ticks:
        assert outcome(web, "10.1.0.1", "correct horse") is True
        for number in range(30):
            outcome(web, address(number), "wrong")
        assert outcome(web, "10.1.0.1", "correct horse") is True
        for number in range(1, 6):  # four addresses are known
            ticks.passes(600_000)
            assert outcome(web, "10.2.0.%d" % number, "correct horse") is True
        assert web.owners == ["10.2.0.%d" % number for number in (5, 4, 3, 2)]
        # Its own wrong ones count there, too.
        assert [outcome(web, "10.2.0.5", "wrong") for _ in range(4)] == [False, False, False, 1]


def test_one_key_is_derived_at_a_time():
    running = []
    most = []
    derive = password._pbkdf2

    async def counted(*arguments):
        running.append(1)
        most.append(len(running))
        try:
            return await derive(*arguments)
        finally:
            running.pop()

    async def scenario():
        tasks = [asyncio.create_task(password.matches("correct horse", KEPT.replace("$20$", "$200$")))]
        tasks += [asyncio.create_task(password.matches("correct horse", KEPT)) for _ in range(5)]
        await compat.sleep(0)
        tasks[1].cancel()
        results = []
        for task in tasks:
            try:
                results.append(await task)
            except asyncio.CancelledError:
                results.append(None)
        return results

    password._pbkdf2 = counted
    try:
        assert asyncio.run(scenario()) == [False, None, True, True, True, True]
        assert max(most) == 1 and len(most) == 5
        assert asyncio.run(password.matches("correct horse", KEPT)) is True, (
            "who was cancelled holds nothing up"
        )
    finally:
        password._pbkdf2 = derive


def test_below_these_bounds_of_free_heap_nothing_is_served():
    # (free heap, whether the page is loaded already) -> status
    rows = (
        (web_server._NEEDED - 1, False, 503),
        (web_server._NEEDED, False, 200),
        (web_server._NEEDED + 1, False, 200),
        (web_server._SPARE - 1, True, 503),
        (web_server._SPARE, True, 200),
        (web_server._SPARE + 1, True, 200),
    )
    real = compat.free_heap

    async def scenario(server):
        for free, is_loaded, status in rows:
            server.web._app = None
            if is_loaded:
                assert status_of(await server.say(GET)) == 200
            compat.free_heap = lambda free=free: free
            assert status_of(await server.say(GET)) == status, (free, is_loaded)
            compat.free_heap = real

    try:
        guarded().run(scenario)
    finally:
        compat.free_heap = real


def test_a_request_that_has_come_finds_the_heap_gone():
    """It is looked at again when the whole of a request is here: several may have come at once."""
    answers = [web_server._SPARE, web_server._SPARE - 1, web_server._SPARE - 1]
    real = compat.free_heap

    async def scenario(server):
        assert status_of(await server.say(GET)) == 200
        compat.free_heap = lambda: answers.pop(0) if len(answers) > 1 else answers[0]
        assert status_of(await server.say(GET)) == 503

    try:
        guarded().run(scenario)
    finally:
        compat.free_heap = real


# (peer, whether it has asked, whether logged in, ms since it came) of six guests, who wants in -> who goes.
MS = web_server._PATIENCE_MS
OLD, YOUNG = MS, MS - 1
CROWDS = (
    ([("a", True, False, YOUNG)] * 5 + [("a", False, False, 0)], "b", 5),
    ([("a", True, False, YOUNG)] * 6, "b", 0),
    ([("a", True, False, YOUNG)] * 6, "a", None),
    ([("a", True, False, OLD)] * 6, "a", 0),
    ([("a", True, False, YOUNG)] * 5 + [("a", True, False, MS + 1)], "a", 5),
    ([("a", True, False, YOUNG)] * 3 + [("b", True, False, YOUNG)] * 3, "b", None),
    ([("a", True, False, YOUNG)] * 4 + [("b", True, False, YOUNG)] * 2, "b", 0),
    ([("a", True, False, YOUNG)] * 4 + [("b", True, False, YOUNG)] * 2, "a", None),
    ([(each, True, False, YOUNG) for each in "abcdef"], "g", None),
    ([(each, True, False, OLD) for each in "abcdef"], "g", 0),
    ([("a", False, True, OLD)] * 6, "b", None),
    ([("a", True, True, OLD)] * 6, "b", None),
    ([("a", True, True, OLD)] * 5 + [("a", True, False, YOUNG)], "b", 5),
)


def test_who_goes_for_a_newcomer():
    web = guarded().web
    with Ticks(5) as ticks:
        for crowd, peer, expected in CROWDS:
            web._guests = []
            for each, has_asked, is_known, age in crowd:
                guest = Guest(None, each)
                guest.has_asked = has_asked
                guest.session = Session(ticks.now) if is_known else None
                guest.since = compat.ticks_add(ticks.now, -age)
                web._guests.append(guest)
            gone = web._dispensable(peer)
            assert gone is (None if expected is None else web._guests[expected]), (crowd, peer)


def test_guests_who_do_not_read_keep_nobody_out():
    server = guarded()
    before = web_server._PATIENCE_MS
    web_server._PATIENCE_MS = 300

    async def scenario(server):
        import socket

        sockets = []
        try:
            for _ in range(6):
                sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                if hasattr(socket, "SO_RCVBUF"):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                sock.connect(compat.socket_address("127.0.0.1", server.port))
                sockets.append(sock)
                sock.send(GET)
                await compat.sleep(20)
            guests = [Guest(sock, "127.0.0.1") for sock in sockets]
            if len(server.web._guests) < 6:  # the host's buffers took the whole answer: stand-ins for them
                for guest in guests:
                    guest.has_asked = True
                    guest.task = asyncio.create_task(stuck())
                server.web._guests = guests
            assert status_of(await server.say(GET)) == 0, "they came from the same address, and just now"
            await compat.sleep(300)
            assert status_of(await server.say(GET)) == 200
            assert server.web.counters["evicted"] == 1
        finally:
            for sock in sockets:
                sock.close()

    try:
        server.run(scenario)
    finally:
        web_server._PATIENCE_MS = before


def test_lockouts_and_sessions_end_though_ticks_wrap():
    web = guarded().web
    with Ticks() as ticks:
        for days in range(1, 31):
            ticks.now = 0
            web.failures, web.sessions = {}, []
            web.log_in()
            token = web.sessions[0].token
            assert [outcome(web, "10.0.0.1", "wrong") for _ in range(4)] == [False, False, False, 1]
            for hour in range(24 * days):
                ticks.passes(3_600_000)
                web.tidy()
                assert web.sessions == [], "a session is gone after half an hour without a request"
                assert web.failures == {} or hour == 0, web.failures
            assert web.session(token) is None
            assert outcome(web, "10.0.0.1", "wrong") is False


def test_tidying_up_is_done_while_there_is_something_to_tidy():
    server = guarded()
    server.web.tidy_s = 0.05

    async def scenario(server):
        await server.log_in("correct horse")
        server.web._app = None
        assert len(server.web.sessions) == 1
        server.web.sessions[0].used = compat.ticks_add(compat.ticks_ms(), -1_800_000)
        for _ in range(40):
            await compat.sleep(50)
            if not server.web.sessions:
                break
        assert server.web.sessions == []
        server.web.failures = {}
        assert server.web._look_s() in (None, 1)

    server.run(scenario)
