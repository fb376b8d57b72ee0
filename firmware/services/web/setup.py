"""The web interface's part of the first start: the scan for networks, the test of settings, its progress."""

import json

from microdot.microdot import Response

from services import password
from services.settings import settings_store
from services.settings.section import SettingsError
from services.web.api import body_of
from services.web.request import BadRequest


def _first_start(web):
    if web.life.first_start is None:
        raise BadRequest("the phone is set up already", 409)
    return web.life.first_start


async def progress(web, request):
    """The state of the test, and the addresses of the web interface."""
    first = web.life.first_start
    if first is None:
        return Response({"state": "over"})
    network = web.life.board.network
    steps = [[step.name, step.state, step.text] for step in first.steps]
    return Response({
        "state": first.state, "steps": steps, "own": first.address,
        "wireless": first.address is not None, "address": network.address,
        "port": web.address[1] if web.address else 80,
    })  # fmt: skip


async def scan(web, request):
    _first_start(web)
    return Response({"networks": web.life.board.network.scan()})


async def try_out(web, request):
    """Test settings with Wi-Fi, account, time zone and password; with "force" store them without a test."""
    first = _first_start(web)
    if first.state == "trying":
        raise BadRequest("a test is in progress already", 409)
    settings, secret, force = body_of(request, "settings", "password", "force")
    if not isinstance(settings, dict):
        raise BadRequest("the settings must be a JSON object", 400)
    mistakes = []
    wrong = password.wrong_choice(secret)
    if wrong:
        mistakes.append("web.password: " + wrong)
    lines = []
    try:
        lines = [line.aor for line in web.life.check(json.dumps(settings)).lines]
    except SettingsError as error:
        mistakes += error.mistakes
    if mistakes:
        raise BadRequest("some values are invalid", 422, mistakes)
    page = settings.get("web", {})
    page["password"] = await password.make_hash(secret)
    settings["web"] = page
    if force:
        settings_store.write(web.life.board.storage, settings)
        web.life.restart()
    else:
        first.try_out(json.dumps(settings).encode(), lines)
    return Response({})


async def finish(web, request):
    """End the first start: the person has seen that the test passed."""
    if _first_start(web).state != "done":
        raise BadRequest("the settings have not passed the test", 409)
    web.life.set_up()
    return Response({})
