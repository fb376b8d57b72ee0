"""Counters: every name that the firmware counts by is in snake_case and has words for people."""

import ast
import re

from services.counter_words import in_words
from support.mirror import ROOT

# What no phone runs, and whose counters no person is shown.
UNSEEN = ("firmware/sip/server/", "firmware/net/dns_client.py")


def counted():
    """(file, name) of each `….count("name")` in the firmware."""
    for path in sorted((ROOT / "firmware").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in ("count", "_count") and len(node.args) == 1:
                owner = ast.unparse(node.func.value)
                if isinstance(node.args[0], ast.Constant) and owner.rpartition(".")[2] in (
                    "self",
                    "endpoint",
                    "_endpoint",
                    "web",
                ):
                    yield place, node.args[0].value


def test_counters_are_in_snake_case():
    found = list(counted())
    assert len(found) > 40
    assert [each for each in found if not re.fullmatch("[a-z]+(_[a-z]+)*", each[1])] == []


def test_every_counter_has_words():
    shown = {name for place, name in counted() if not place.startswith(UNSEEN)}
    assert [name for name in sorted(shown) if in_words(name) == name] == []
    assert in_words("web_wrong_password") == "Web: Wrong password"
    assert in_words("web_refused_400") == "Web: Refused (400)"
    assert in_words("failed_voice") == "Task restarted: voice"
    assert in_words("not_in_the_table") == "not_in_the_table"
