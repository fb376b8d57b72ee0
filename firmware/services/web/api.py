"""The JSON API of the web interface: sessions, status, log, calls, updates.

Other modules of this package have the rest: settings.py, certificates.py, lists.py, and setup.py for the
first start. Each is loaded for one request.
"""

from microdot.microdot import Response

import compat
from compat import const, ticks_add, ticks_diff
from services import password
from services.counter_words import in_words
from services.settings.section import forget_reader
from services.web.request import COOKIE, BadRequest

_FREE_TRIES = const(3)
# For all addresses together: after _ALL_FREE_TRIES wrong passwords, one is checked every _ALL_MS.
_ALL_FREE_TRIES = 20
_ALL_MS = 60_000
_ALL = ""
_MAX_OWNERS = const(4)
_MAX_WAIT_S = const(300)
_MAX_ADDRESSES = const(16)


def body_of(request, *names):
    """The members `names` of the request's JSON object, None for a missing one. Raises BadRequest."""
    try:
        value = request.json
    except (ValueError, RuntimeError, MemoryError):
        value = None
    if not isinstance(value, dict):
        raise BadRequest("the body must be a JSON object", 400)
    return [value.get(name) for name in names]


# ---- sessions ----


async def session(web, request):
    """What the page is to show first: the first start, the login, or the phone."""
    life = web.life
    known = request.g.session
    if known is None and may_all(web):
        known = web.log_in()
    answer = {
        "name": web.phone.settings.network.hostname,
        "mode": "first" if life.first_start else "phone",
        "in": known is not None,
        "csrf": known.csrf if known else None,
        "password": web.phone.settings.web.password is not None,
        "mistakes": life.mistakes if known else [],
        "applying": life.applying,
    }
    return with_cookie(Response(answer), known)


def may_all(web):
    """Whether every client is the owner: at the first start, clients have the access point's password."""
    first_start = web.life.first_start
    return first_start is not None and first_start.address is not None and not web.phone.board.network.address


def with_cookie(response, known):
    if known is not None:
        # Not by `set_cookie`, as microdot does not support SameSite.
        response.headers["Set-Cookie"] = ["%s=%s; Path=/; HttpOnly; SameSite=Strict" % (COOKIE, known.token)]
    return response


async def login(web, request):
    (given,) = body_of(request, "password")
    if not await is_owner(web, request, given):
        raise BadRequest("wrong password", 403)
    known = web.log_in()
    web.phone.log.info("web: login from %s" % request.client_addr[0])
    has_password = web.phone.settings.web.password is not None
    return with_cookie(Response({"csrf": known.csrf, "password": has_password}), known)


async def is_owner(web, request, given):
    """Whether `given` is the password, or the code while there is none. After several wrong ones raises
    BadRequest until a wait is over, which grows with each failure."""
    address = request.client_addr[0]
    web.tidy()
    # Counted before the check, so that simultaneous requests get no extra tries.
    _count_failure(web, address, compat.ticks_ms())
    kept = web.phone.settings.web.password
    if not isinstance(given, str):
        right = False
    elif kept is None:
        right = compat.compare_digest(given.encode(), web.life.code.encode())
    else:
        right = await password.matches(given, kept)
    if right:
        web.failures.pop(address, None)
        if _ALL in web.failures:
            web.failures[_ALL] = 0, ticks_add(web.failures[_ALL][1], -_ALL_MS)
        if address not in web.owners:
            web.owners = [address] + web.owners[: _MAX_OWNERS - 1]
    else:
        web.count("wrong_password")
        web.phone.log.warning("web: wrong password from %s" % address)
    return right


def _count_failure(web, address, now):
    """Count a try from `address` as a failure. Raises BadRequest if the try comes too soon."""
    count, until = web.failures.get(address, (0, now))
    if count >= _FREE_TRIES:
        _refuse_before(web, until, now)
    # When many addresses guess, all wait but those from which the owner has logged in.
    if address not in web.owners:
        all_until = web.failures.get(_ALL, (0, now))[1]
        if ticks_diff(now, all_until) > 0:
            all_until = now
        _refuse_before(web, ticks_add(all_until, -(_ALL_FREE_TRIES - 1) * _ALL_MS), now)
        web.failures[_ALL] = 0, ticks_add(all_until, _ALL_MS)
    wait = min(1 << min(max(count + 1 - _FREE_TRIES, 0), 9), _MAX_WAIT_S)
    known = [each for each in web.failures if each != _ALL]
    if address not in known and len(known) >= _MAX_ADDRESSES:
        web.failures.pop(min(known, key=lambda each: web.failures[each][0]))
    web.failures[address] = count + 1, ticks_add(now, wait * 1000)


def _refuse_before(web, until, now):
    left = ticks_diff(until, now)
    if left > 0:
        web.count("login_too_soon")
        raise BadRequest("too many wrong passwords: wait %d s" % ((left + 999) // 1000), 429)


async def logout(web, request):
    web.sessions = [each for each in web.sessions if each is not request.g.session]
    return Response({})


# ---- status ----


async def status(web, request):
    phone = web.phone
    network = phone.board.network
    now = compat.ticks_ms()
    trouble = phone.voice_trouble()
    time = phone.clock.now()
    return Response({
        "version": phone.version,
        "board": phone.board.name,
        "time": "%04d-%02d-%02d %02d:%02d" % time[:5] if time else None,
        "network": {
            "state": network.state, "reason": network.reason, "address": network.address, "mac": network.mac,
            "rssi": network.rssi, "hostname": phone.settings.network.hostname,
        },
        "sip": "%s:%d" % phone.address if phone.address else None,
        "lines": [
            {
                "number": line.number,
                "label": line.label,
                "state": line.state,
                "status_text": line.status_text(now),
            }
            for line in phone.lines
        ],
        "calls": [
            {"state": call.state, "name": call.name, "number": call.number, "direction": call.direction}
            for call in phone.calls
        ],
        "voice": "software (slow): " + trouble if trouble else "native",
        "memory": compat.free_heap(),
        "counters": _counters(web),
        "provisioning": phone.provisioning.status() if phone.provisioning else None,
    })  # fmt: skip


def _counters(web):
    """The event counters, by their words for people."""
    counted = web.phone.counters()
    for name in web.counters:
        counted["web_" + name] = web.counters[name]
    return {in_words(name): counted[name] for name in counted}


async def log(web, request):
    """The log as text, "time level text" a line; with ?since=COUNT only later lines, if all are in memory.

    The first line is the number of lines since the phone's start, then "whole", or "more" after `since`.
    """
    kept = web.phone.log
    since = request.args.get("since", "")
    missing = kept.count - int(since) if compat.is_digits(since, 9) else -1
    rows = kept.rows(missing)
    if missing >= 0 and len(rows) == missing:
        body = "".join([row + "\n" for row in ["%d more" % kept.count] + rows])
    else:
        body = _whole_log(web)
    return Response(body, headers={"Content-Type": "text/plain; charset=UTF-8"})


def _whole_log(web):
    from services import journal

    yield b"%d whole\n" % web.phone.log.count
    for piece in journal.pieces(web.life.board.storage, web.phone.log):
        if piece:
            yield piece
    compat.forget("services.journal")


async def calls(web, request):
    entries = web.phone.call_control.history.entries
    fields = ("kind", "name", "number", "at", "seconds")
    return Response({"calls": [{name: getattr(each, name) for name in fields} for each in entries]})


async def update(web, request):
    """The state of services.update.updates.Updates."""
    return Response(web.phone.updates.status())


async def ask_update(web, request):
    """Check for updates, or install one. An older version can be installed on the phone's display only."""
    (wish,) = body_of(request, "wish")
    if wish not in ("check", "install"):
        raise BadRequest('the wish must be "check" or "install"', 400)
    if not web.phone.updates.ask(wish):
        raise BadRequest("an update is in progress", 409)
    return Response({})


async def ask_provisioning(web, request):
    if web.phone.provisioning is None:
        raise BadRequest("there is no provisioning server", 409)
    web.phone.provisioning.ask()
    return Response({})


async def restart(web, request):
    web.life.restart()
    return Response({})


# ---- modules that are loaded for one request ----


def _later(module, name):
    async def call(web, request):
        loaded = __import__("services.web." + module, None, None, (name,))
        try:
            return await getattr(loaded, name)(web, request)
        finally:
            compat.forget("services.web." + module)
            forget_reader()

    return call


ROUTES = (
    ("/api/session", "GET", session),
    ("/api/login", "POST", login),
    ("/api/logout", "POST", logout),
    ("/api/status", "GET", status),
    ("/api/log", "GET", log),
    ("/api/calls", "GET", calls),
    ("/api/restart", "POST", restart),
    ("/api/update", "GET", update),
    ("/api/update", "POST", ask_update),
    ("/api/provisioning", "POST", ask_provisioning),
    ("/api/settings", "GET", _later("settings", "read")),
    ("/api/certificates", "GET", _later("certificates", "read")),
    ("/api/settings", "POST", _later("settings", "save")),
    ("/api/password", "POST", _later("settings", "change_password")),
    ("/api/backup", "POST", _later("settings", "backup")),
    ("/api/restore", "POST", _later("settings", "restore")),
    ("/api/reset", "POST", _later("settings", "reset")),
    ("/api/phonebook", "GET", _later("lists", "phonebook")),
    ("/api/phonebook", "POST", _later("lists", "save_phonebook")),
    ("/api/calls/clear", "POST", _later("lists", "clear_calls")),
    ("/api/first", "GET", _later("setup", "progress")),
    ("/api/first/scan", "POST", _later("setup", "scan")),
    ("/api/first/try", "POST", _later("setup", "try_out")),
    ("/api/first/finish", "POST", _later("setup", "finish")),
)
