"""What a newcomer meets first: `make`, the tools' --help, the pins."""

import json
import os
import re
import subprocess
import sys

from support.mirror import ROOT


def test_make_alone_lists_every_target_meant_for_people():
    listed = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in (
        "help",
        "sim",
        "demo",
        "test",
        "lint",
        "micropython",
        "native",
        "setup",
        "clean",
        "image",
        "firmware",
        "flash",
        "deploy",
        "repl",
        "release",
        "ota",
    ):
        assert re.search(rf"^  make {target} ", listed, re.MULTILINE), target


def test_every_tool_tells_what_it_does():
    tools = [path for path in sorted((ROOT / "tools").glob("*.py")) if os.access(path, os.X_OK)]
    assert tools
    for tool in tools:
        told = subprocess.run([sys.executable, tool, "--help"], capture_output=True, text=True, cwd="/")
        assert told.returncode == 0 and told.stdout.startswith("usage: "), tool.name


def test_every_requirement_is_pinned_exactly():
    for path in (ROOT / "requirements").glob("*.txt"):
        for line in path.read_text().splitlines():
            assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9a-z.]+", line), (
                path.name,
                line,
            )


README = (ROOT / "README.md").read_text()


def rows_of_boards(text):
    """{board: [chip, display, audio, verified]} of the table in the README."""
    rows = re.findall(r"^\| \[`(\w+)`\]\(docs/boards/\1\.md\) \|(.*)\|$", text, re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split("|")] for name, rest in rows}


def test_the_table_of_boards_says_what_their_papers_say():
    papers = {path.parent.name: json.loads(path.read_text()) for path in ROOT.glob("boards/*/board.json")}
    rows = rows_of_boards(README)
    assert sorted(rows) == sorted(papers)
    for name, (chip, display, audio, verified) in rows.items():
        features = papers[name]["features"]
        assert (chip, verified) == (papers[name]["mcu"], papers[name]["verified"]), name
        assert display.startswith("colour") == ("Colour display" in features), name
        for part in ("handset", "speaker"):
            assert (part in audio.split(" (")[0]) == (part.capitalize() in features), (name, part)
        assert ("no microphone" in audio) == ("Handset" not in features), name


def test_no_board_is_said_to_have_run_while_none_has():
    papers = [json.loads(path.read_text()) for path in ROOT.glob("boards/*/board.json")]
    assert ("no real board has run it yet" in README) == all(
        each["verified"] != "hardware" for each in papers
    )


def test_the_readme_has_every_folder_of_the_firmware():
    for path in sorted((ROOT / "firmware").iterdir()):
        if path.is_dir() and path.name != "__pycache__":
            assert f"`firmware/{path.name}`" in README, path.name


def test_every_page_is_linked_from_the_readme_and_every_link_leads_somewhere():
    for path in sorted((ROOT / "docs").glob("*.md")):
        assert f"(docs/{path.name})" in README, path.name
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md"]
    for page in [*pages, ROOT / "tests" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), (page.name, target)
