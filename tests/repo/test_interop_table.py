"""docs/interop.md is what tests/interop found, and every test that it rests on is there."""

import ast

from support import interop_table
from support.mirror import ROOT


def names_of(path):
    return [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]


def test_every_test_of_the_table_is_there():
    for _, peers in interop_table.FEATURES:
        for peer, tests in peers.items():
            assert peer in interop_table.PEERS
            for test in tests:
                file, _, name = interop_table.full_name(test).partition("::")
                found = names_of(ROOT / file)
                assert any(each.startswith(name.partition("[")[0]) for each in found), test


def test_a_cell_says_what_was_found():
    name = interop_table.full_name("tls::x")
    for outcomes, said in (
        ({}, "?"),
        ({name: "passed"}, "yes"),
        ({name + "[a]": "passed", name + "[b]": "failed"}, "**no**"),
        ({name + "[a]": "passed", name + "[b]": "skipped"}, "?"),
    ):
        assert interop_table.cell(["tls::x"], outcomes) == said
    assert interop_table.cell(None, {}) == "–"


def test_the_page_has_the_rows_of_the_table():
    page = interop_table.PAGE.read_text(encoding="utf-8")
    for feature, _ in interop_table.FEATURES:
        assert "| %s |" % feature in page, feature
    cells = page.partition("| feature")[2]
    assert "**no**" not in cells and "?" not in cells, "make it again where all is installed"
