"""Settings in the web interface: shown without secrets, changed entirely or not at all, backed up, restored.

A session alone cannot read, replace or redirect a secret: that needs the password, typed again. A secret
leaves the phone in a backup only. Settings sent without a secret keep the present secret.
"""

import json

from microdot.microdot import Response

from services import password
from services.settings import settings_store
from services.settings.section import SettingsError
from services.web.api import body_of, is_owner, may_all
from services.web.request import BadRequest

# Settings that decide where secrets are sent, or to whom they are shown: (path, default).
_WHERE_SECRETS_GO = (
    ("network.wifi", None),
    ("network.wifi_more", None),
    ("network.address", None),
    ("network.netmask", None),
    ("network.gateway", None),
    ("network.dns", None),
    ("tls", None),
    ("provisioning.url", None),
    ("provisioning.user", None),
    ("provisioning.password", None),
    ("provisioning.discovery", True),
    ("web.password", None),
)
# The same within a line.
_OF_LINE = (
    ("aor", None),
    ("user", None),
    ("password", None),
    ("registrar", None),
    ("backup_registrar", None),
    ("proxy", None),
    ("transport", "udp"),
    ("realm", None),
    ("minimum_digest", "md5"),
)


async def read(web, request):
    """The settings in force without secrets; the paths of secrets and of the server's settings; defaults."""
    from services.settings import settings

    storage = web.life.board.storage
    own, given = settings_store.own(storage), settings_store.provisioned(storage)
    counts = settings_store.merged(own, given)
    secrets = []
    shown = _without_secrets(counts, secrets, settings.SECRETS)
    rows = [row for row in settings.SCHEMA if not isinstance(row[1], settings.ListOf)]
    defaults = {path: default for path, _, default in rows}
    for path in defaults:
        if defaults[path] == settings.REQUIRED:
            defaults[path] = None
    return Response({"settings": shown, "secrets": secrets, "given": _paths(given, ""), "defaults": defaults})


async def save(web, request):
    """Merge a patch (RFC 7386) into the own settings; "keep" in a row is the old index of its password.

    "password" is the web interface's, typed again, if the change needs it; without it the response is 428.
    """
    patch, typed = body_of(request, "patch", "password")
    if not isinstance(patch, dict) or not isinstance(patch.get("web", {}), dict):
        raise BadRequest("the patch must be a JSON object, and so must its web", 400)
    own = settings_store.own(web.life.board.storage)
    patch.get("web", {}).pop("password", None)  # change_password sets it
    has_secrets = _has_secrets(patch)
    _keep_passwords(_list(patch, "lines"), _list(own, "lines"))
    _keep_passwords(_list(patch.get("network"), "wifi_more"), _list(own.get("network"), "wifi_more"))
    wanted = settings_store.merged(own, patch)
    _check(web, wanted)
    if has_secrets or _redirects(own, wanted):
        await _ask_password(web, request, typed)
    _put_to_use(web, request, wanted)
    return Response({})


async def change_password(web, request):
    """Set a new password of the web interface; needs the old one, or the code while there is none."""
    old, new = body_of(request, "old", "new")
    wrong = password.wrong_choice(new)
    if wrong:
        raise BadRequest("the password " + wrong, 422, ["web.password: " + wrong])
    if not may_all(web) and not await is_owner(web, request, old):
        is_code = web.phone.settings.web.password is None
        raise BadRequest("the code is wrong" if is_code else "the old password is wrong", 403)
    kept = await password.make_hash(new)
    own = settings_store.own(web.life.board.storage)
    wanted = settings_store.merged(own, {"web": {"password": kept}})
    _check(web, wanted)
    _put_to_use(web, request, wanted)
    # Sessions from before end, except for this one.
    web.sessions = [each for each in web.sessions if each is request.g.session]
    return Response({})


async def backup(web, request):
    """The phone's own settings and its phone book; with all secrets if the password was typed again."""
    (given,) = body_of(request, "password")
    own = settings_store.own(web.life.board.storage)
    own["phonebook"] = web.phone.phonebook.entries
    if given is None:
        from services.settings import settings

        return Response({"settings": _without_secrets(own, [], settings.SECRETS)})
    if not await is_owner(web, request, given):
        raise BadRequest("wrong password", 403)
    return Response({"settings": own})


async def restore(web, request):
    """Replace the own settings by "settings"; missing secrets keep their values. "password" as in `save`."""
    wanted, typed = body_of(request, "settings", "password")
    if not isinstance(wanted, dict):
        raise BadRequest("the backup is not a JSON object", 422, ["phone.json: must be an object"])
    names = wanted.pop("phonebook", None)
    # At the access point of the first start no password is asked for, and so no secret is kept.
    is_first = may_all(web)
    own = {} if is_first else settings_store.own(web.life.board.storage)
    has_secrets = _has_secrets(wanted)
    lines = _list(own, "lines")
    aors = [line.get("aor") if isinstance(line, dict) else None for line in lines]
    for line in _list(wanted, "lines"):
        if isinstance(line, dict):
            line.pop("keep", None)
            if line.get("aor") in aors:
                line["keep"] = aors.index(line["aor"])
    _keep_passwords(_list(wanted, "lines"), lines)
    # A password without its network or server would be an error.
    wifi = (_member(own, "network"), _member(wanted, "network"))
    _keep(_member(wifi[0], "wifi"), _member(wifi[1], "wifi"), "password", "ssid")
    for network in _list(wifi[1], "wifi_more"):
        for known in _list(wifi[0], "wifi_more"):
            _keep(_dict(known), _dict(network), "password", "ssid")
    _keep(_member(own, "tls"), _member(wanted, "tls"), "key", "certificate")
    _keep(_member(own, "provisioning"), _member(wanted, "provisioning"), "password", "url")
    if "password" in _member(own, "web") and not _member(wanted, "web").get("password"):
        wanted["web"] = settings_store.merged(_member(wanted, "web"), {"password": own["web"]["password"]})
    _check(web, wanted)
    if not is_first and (has_secrets or _redirects(own, wanted)):
        await _ask_password(web, request, typed)
    mistakes = names is not None and web.phone.phonebook.replace(names)
    if mistakes:
        wrong = ["phonebook" + mistake[5:] for mistake in mistakes]  # it says "names[3]…"
        raise BadRequest("some values are invalid", 422, wrong)
    _put_to_use(web, request, wanted)
    return Response({})


async def reset(web, request):
    """Factory reset; needs the password, typed again."""
    (given,) = body_of(request, "password")
    if not await is_owner(web, request, given):
        raise BadRequest("wrong password", 403)
    from services import factory_reset

    web.phone.forget_changes()
    factory_reset.reset(web.life.board.storage)
    web.sessions = []
    web.life.restart()
    return Response({})


# ---- inside ----


def _check(web, own):
    """Raises BadRequest for errors in the settings `own`."""
    try:
        web.life.check(json.dumps(own))
        # At the next start the server's settings are merged over them: the result must be valid, too.
        given = settings_store.provisioned(web.life.board.storage)
        web.life.check(json.dumps(settings_store.merged(own, given)))
    except SettingsError as error:
        raise BadRequest("some values are invalid", 422, error.mistakes)


async def _ask_password(web, request, typed):
    """Raises BadRequest unless `typed` is the password; status 428 (RFC 6585) has the browser ask for it."""
    if typed is None:
        name = (
            "web interface's password" if web.phone.settings.web.password else "code on the phone's display"
        )
        raise BadRequest("this change needs the " + name, 428)
    if not await is_owner(web, request, typed):
        raise BadRequest("wrong password", 403)


def _has_secrets(settings):
    """Whether the received `settings` have secrets, which could replace, or probe, the present ones."""
    from services.settings.settings import SECRETS

    found = []
    _without_secrets(settings, found, SECRETS)
    return bool(found)


def _redirects(before, after):
    """Whether secrets may be sent elsewhere with the settings `after` than with `before`."""
    for path, default in _WHERE_SECRETS_GO:
        if _at(before, path, default) != _at(after, path, default):
            return True
    known = [_destination(line) for line in _list(before, "lines")]
    lines = _list(after, "lines")
    # A phone without lines accepts settings from any server that its network names.
    return bool(known and not lines) or any(_destination(line) not in known for line in lines)


def _destination(line):
    return [_at(line, name, default) for name, default in _OF_LINE]


def _at(value, path, default):
    for name in path.split("."):
        value = _dict(value).get(name)
    return default if value is None or value == {} else value


def _put_to_use(web, request, own):
    """Store the settings `own`, which have been checked, and restart with them."""
    try:
        web.life.board.storage.write(settings_store.OWN, json.dumps(own).encode())
    except OSError as error:
        raise BadRequest("the settings could not be stored: %s" % error, 507)
    web.phone.log.info("settings: saved in the web interface from %s" % request.client_addr[0])
    web.life.restart()


def _keep_passwords(lines, before):
    for line in lines:
        if isinstance(line, dict):
            index = line.pop("keep", None)
            known = isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(before)
            if known and "password" not in line and "password" in _dict(before[index]):
                line["password"] = before[index]["password"]


def _keep(before, after, name, beside):
    """Copy before[name] to `after` if `after` lacks it and both have the same value of `beside`."""
    if name in before and name not in after and after.get(beside) == before.get(beside):
        after[name] = before[name]


def _dict(value):
    return value if isinstance(value, dict) else {}


def _member(value, name):
    return _dict(_dict(value).get(name))


def _list(value, name):
    found = _dict(value).get(name)
    return found if isinstance(found, list) else []


def _without_secrets(settings, found, secrets):
    """A copy without the values whose paths are in `secrets`; `found` gets the paths that were left out."""

    def copy(value, path, pattern):
        if isinstance(value, list):
            return [copy(each, "%s[%d]" % (path, index), pattern + "[]") for index, each in enumerate(value)]
        if not isinstance(value, dict):
            return value
        made = {}
        for name in value:
            inner = path + "." + name if path else name
            shape = pattern + "." + name if pattern else name
            if shape in secrets:
                found.append(inner)
            else:
                made[name] = copy(value[name], inner, shape)
        return made

    return copy(settings, "", "")


def _paths(value, path):
    """The paths of all values in `value`; a list counts as one value."""
    if not isinstance(value, dict):
        return [path]
    found = []
    for name in sorted(value):
        found += _paths(value[name], path + "." + name if path else name)
    return found
