"""What the phone keeps of its settings: its own phone.json, and beside it what a provisioning server gave.

The server's word counts: its document is laid over the phone's own as RFC 7386 says (objects are merged, all
else replaces, null takes away).
"""

import json

OWN = "phone.json"
PROVISIONED = "provisioned.json"  # {"settings": the server's document, and what services.provisioning notes}


def document(storage) -> "bytes | None":
    """The text of the settings to go by; None where nobody has set the phone up yet.

    What is wrong in phone.json itself is left for services.settings.settings to say.
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
    """The phone's own settings as a value; {} where there are none, or none that can be read."""
    return _parsed(storage.read(OWN))


def write(storage, settings: dict) -> None:
    """Replace the phone's own settings. They must have been checked. OSError where they do not fit."""
    storage.write(OWN, json.dumps(settings).encode())


def provisioned(storage) -> dict:
    """The server's settings as a value; {} where there are none."""
    given = note(storage).get("settings")
    return given if isinstance(given, dict) else {}


def note(storage) -> dict:
    """All that services.provisioning keeps: "settings", and where they came from."""
    return _parsed(storage.read(PROVISIONED))


def note_down(storage, value: dict) -> None:
    """Replace the note. OSError where it does not fit."""
    storage.write(PROVISIONED, json.dumps(value).encode())


def merged(base, over):
    """`over` laid over `base`, as a new value."""
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
