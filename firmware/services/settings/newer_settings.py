"""phone.json as newer software wrote it that was then taken back: what this version knows of it.

Whoever *gives* settings is told what is wrong with them (settings.load). A phone that starts with them has
nobody to tell, and lines that it could have.
"""

import json

from services.settings import settings


def known_part(document: "str | bytes") -> "tuple[bytes, list]":
    """(the document without what this version does not know, the paths that were left out).

    What is required stays, however wrong it is. ValueError for what is no JSON.
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
