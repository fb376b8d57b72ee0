"""The part that this version knows of a phone.json from newer software, after a downgrade.

New settings with errors are refused as a whole (settings.load). At the start that would cost the phone its
lines, so it uses the part that is valid.
"""

import json

from services.settings import settings


def known_part(document: "str | bytes") -> "tuple[bytes, list]":
    """(the document without settings that are unknown or invalid here, the paths that were left out).

    Required settings stay even if they are invalid. Raises ValueError if the document is not JSON.
    """
    value = json.loads(document if isinstance(document, str) else str(document, "utf-8"))
    dropped: list = []
    _prune(value, "", "", dropped)
    return json.dumps(value).encode(), dropped


def _prune(value, pattern, path, dropped):
    if not isinstance(value, dict):
        return
    rows = {row[0]: row for row in settings.rows(pattern)}
    for name in sorted(value):
        where = path + "." + name if path else name
        if name not in rows:
            _drop(value, name, where, dropped)
            continue
        _, row, kind, default = rows[name]
        if kind is None:
            _prune(value[name], row, where, dropped)
        elif isinstance(kind, settings.ListOf):
            members = value[name] if isinstance(value[name], list) else []
            for index, member in enumerate(members):
                _prune(member, kind.section, "%s[%d]" % (where, index), dropped)
        elif default is not settings.REQUIRED and value[name] is not None and kind(value[name]):
            _drop(value, name, where, dropped)


def _drop(value, name, where, dropped):
    del value[name]
    dropped.append(where)
