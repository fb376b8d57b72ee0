"""The stored settings: the phone's own phone.json, and the document of a provisioning server.

The server's document takes precedence: it is merged over the phone's own as RFC 7386 says (objects are
merged, other values replace, null removes).
"""

import json

OWN = "phone.json"
PROVISIONED = "provisioned.json"  # {"settings": the server's document, …}: the note of services.provisioning


def document(storage) -> "bytes | None":
    """The JSON text of the settings in force; None if nobody has set the phone up yet.

    Errors in phone.json are not reported here but by services.settings.settings.load.
    """
    own = storage.read(OWN)
    given = provisioned(storage)
    if not given:
        return own
    try:
        mine = json.loads(own) if own else {}
    except ValueError:
        return own
    return json.dumps(merged(mine, given)).encode()


def own(storage) -> dict:
    """The phone's own settings; {} if there are none, or they are not a JSON object."""
    return _parsed(storage.read(OWN))


def write(storage, settings: dict) -> None:
    """Replace the phone's own settings, which must have been checked. Raises OSError if they do not fit."""
    storage.write(OWN, json.dumps(settings).encode())


def provisioned(storage) -> dict:
    """The server's settings; {} if there are none."""
    given = note(storage).get("settings")
    return given if isinstance(given, dict) else {}


def note(storage) -> dict:
    """The note of services.provisioning: "settings", "url", "etags" and "phonebook"."""
    return _parsed(storage.read(PROVISIONED))


def note_down(storage, value: dict) -> None:
    """Replace the note. Raises OSError if it does not fit."""
    storage.write(PROVISIONED, json.dumps(value).encode())


def merged(base, over):
    """`over` merged over `base` (RFC 7386), as a new value."""
    if not isinstance(over, dict):
        return over
    made = dict(base) if isinstance(base, dict) else {}
    for name in over:
        if over[name] is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), over[name])
    return made


def _parsed(octets):
    try:
        value = json.loads(octets) if octets else {}
    except (ValueError, RuntimeError, MemoryError):
        return {}
    return value if isinstance(value, dict) else {}
