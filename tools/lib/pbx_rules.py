"""The rules for calls in pbx.json: the dial plan, and who may call whom (docs/pbx.md).

Both are tables; the first row that matches applies. Patterns are Python's regular expressions and must match
the whole dialled string.
"""

import re

from sip.server.response_context import Target
from sip.syntax import uri
from sip.syntax.grammar import ParseError

WHO = ("anyone", "users", "strangers")
WHERE = ("anywhere", "here", "elsewhere")
MAX_ROWS = 1000


class DialPlan:
    """`rows` as in pbx.json, checked already; `targets_of(name)` gives the Targets of a user here.

    Called with a Request-URI, it returns what proxy.Proxy expects of its `plan`.
    """

    def __init__(self, rows, gateways, targets_of):
        self._rows = [(re.compile(row["match"]), _stages(row["to"])) for row in rows]
        self._gateways = {name: uri.parse(text) for name, text in gateways.items()}
        self._targets_of = targets_of

    def __call__(self, dialled):
        name = dialled.name
        for pattern, stages in self._rows:
            match = pattern.fullmatch(name)
            if match:
                targets = []
                for number, stage in enumerate(stages):
                    for text in stage:
                        targets += self._targets(match.expand(text), dialled, 1000 - number)
                return targets
        return None

    def leads_out(self, dialled) -> bool:
        """Whether a call to `dialled` would go to a gateway or to a foreign address."""
        for pattern, stages in self._rows:
            if pattern.fullmatch(dialled.name):
                return any("@" in text or ":" in text for stage in stages for text in stage)
        return False

    def _targets(self, text, dialled, q):
        if text.startswith(("sip:", "sips:")):
            try:
                return [Target(uri.parse(text), q)]
            except ParseError:
                return []  # the dialled string is invalid in an address
        name, at, gateway = text.rpartition("@")
        if at:
            target = self._gateways[gateway].copy()
            target.user = name
            return [Target(target, q)]
        extension = dialled.copy()
        extension.user = text
        return self._targets_of(extension, q)


class Policy:
    """`rows` as in pbx.json, checked already. Called as proxy.Proxy calls its `policy`."""

    def __init__(self, rows):
        self._rows = [(row["from"], row["to"], row["allow"]) for row in rows]

    def __call__(self, caller, target, inward):
        for who, where, allow in self._rows:
            if _is_who(who, caller) and _is_where(where, target, inward):
                return allow
        return None


def _is_who(who, caller):
    if isinstance(who, list):
        return caller in who
    return who == "anyone" or (who == "users") == (caller is not None)


def _is_where(where, target, inward):
    if where in WHERE:
        return where == "anywhere" or (where == "here") == inward
    return inward and re.fullmatch(where, target.name) is not None


def _stages(to):
    """[[target, …], …]: the targets of a list ring together, the lists one after the other."""
    if isinstance(to, str):
        return [[to]]
    return [each if isinstance(each, list) else [each] for each in to] if _is_nested(to) else [to]


def _is_nested(to):
    return any(isinstance(each, list) for each in to)


# ---- mistakes in the rules: a line for each, which begins with its place ----


def mistakes(config: dict) -> list:
    """The mistakes in `gateways`, `dial_plan`, `policy` and `edges` of a configuration."""
    wrong = []
    for name, text in config["gateways"].items():
        wrong += _wrong_uri(f"gateways.{name}", text, "sip:gateway.example.net")
    for name, text in config["edges"].items():
        if text is not None:
            wrong += _wrong_uri(f"edges.{name}", text, "sip:registrar.example.net")
    for key, row_mistakes in (("dial_plan", _wrong_plan_row), ("policy", _wrong_policy_row)):
        if len(config[key]) > MAX_ROWS:
            wrong.append(f"{key}: at most {MAX_ROWS} rows")
        for number, row in enumerate(config[key]):
            place = f"{key}[{number}]"
            if not isinstance(row, dict):
                wrong.append(f"{place}: must be an object")
            else:
                wrong += row_mistakes(place, row, config)
    return wrong


def _wrong_uri(place, text, example):
    try:
        if isinstance(text, str) and uri.parse(text).host and uri.parse(text).user is None:
            return []
    except ParseError:
        pass
    return [f"{place}: must be a SIP URI without a user, such as {example}"]


def _wrong_keys(place, row, keys):
    wrong = [f"{place}.{key}: is missing" for key in keys if key not in row]
    unknown = [key for key in row if key not in keys]
    return wrong + [f"{place}.{key}: no such setting; there are: {', '.join(keys)}" for key in unknown]


def _wrong_pattern(place, pattern):
    if not isinstance(pattern, str):
        return [f"{place}: must be a regular expression"]
    try:
        re.compile(pattern)
    except re.error as error:
        return [f"{place}: {error}"]
    return []


def _wrong_plan_row(place, row, config):
    wrong = _wrong_keys(place, row, ("match", "to"))
    if wrong:
        return wrong
    wrong = _wrong_pattern(place + ".match", row["match"])
    to = row["to"]
    flat = [to] if isinstance(to, str) else to
    if not isinstance(flat, list) or not flat:
        return [*wrong, f"{place}.to: must be a target or a list of them"]
    texts = [text for each in flat for text in (each if isinstance(each, list) else [each])]
    for text in texts:
        if not isinstance(text, str) or not text:
            wrong.append(f"{place}.to: must be a target or a list of them")
        elif not wrong:
            wrong += _wrong_target(f"{place}.to", text, re.compile(row["match"]), config)
    return wrong


def _wrong_target(place, text, pattern, config):
    try:
        # A pattern with as many groups, so that group references are checked as in a call.
        filled = re.compile("".join(["(1)"] * pattern.groups)).sub(text, "1" * pattern.groups)
    except (re.error, IndexError) as error:
        return [f"{place}: {text}: {error}"]
    if text.startswith(("sip:", "sips:")):
        try:
            uri.parse(filled)
        except ParseError:
            return [f"{place}: {text} is not a SIP URI"]
        return []
    name, at, gateway = text.rpartition("@")
    if at and (not name or gateway not in config["gateways"]):
        return [f"{place}: there is no gateway {gateway}"]
    if not at and "\\" not in text and not config["open"] and text not in config["users"]:
        return [f"{place}: there is no user {text}"]
    return []


def _wrong_policy_row(place, row, config):
    wrong = _wrong_keys(place, row, ("from", "to", "allow"))
    if wrong:
        return wrong
    who = row["from"]
    if isinstance(who, list):
        unknown = [str(name) for name in who if name not in config["users"]]
        wrong += [f"{place}.from: there is no user {name}" for name in unknown if not config["open"]]
    elif who not in WHO:
        wrong.append(f"{place}.from: must be a list of users, or one of {', '.join(WHO)}")
    if row["to"] not in WHERE:
        wrong += _wrong_pattern(place + ".to", row["to"])
    if not isinstance(row["allow"], bool):
        wrong.append(f"{place}.allow: must be true or false")
    return wrong
