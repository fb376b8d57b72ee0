"""What the user documentation lists is what there is."""

import re

from app import from_settings, phone
from services.settings import settings
from support.mirror import ROOT

CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()
BENCH = (ROOT / "docs" / "bench.md").read_text()


def test_every_setting_is_in_the_reference():
    section = {}
    for part in CONFIGURATION.split("\n## ")[1:]:
        section[part.split("`")[1].replace("[]", "")] = part
    for path, _, _ in settings.SCHEMA:
        top, _, rest = path.replace("[]", "").partition(".")
        assert top in section, path
        assert not rest or f"`{rest}`" in section[top], path


def test_what_the_pages_of_pbxes_say_of_the_phone_is_right():
    found = 0
    for page in sorted((ROOT / "docs" / "pbx").glob("*.md")):
        for text in re.findall(r"^```json\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE):
            loaded = from_settings.lines(settings.load(text))
            assert loaded and all(line.account.aor.user for line in loaded), page.name
            found += 1
    assert found >= 6


def test_every_command_and_key_of_the_bench_is_documented():
    source = (ROOT / "workbench" / "bench.py").read_text()
    commands = source[source.index("_COMMANDS = {") :].split("}")[0].split('"')[1::2]
    for command in [*commands, "press", "hold_key", "hook", "power", "quit"]:
        assert f'"do":"{command}"' in BENCH, command


# ---- names beside paths ----

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "tests").glob("README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
# Identifiers that stand beside a path in a sentence and are of something else, which the sentence says.
OF_ELSEWHERE = {
    "PINS": "a board's",
    "memset": "C's",
    "xtensawin": "MicroPython's",
    "PRODUCT": "a custom image's",
}

_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*] |\d+\. |\|))")
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+")
_TICKED = re.compile(r"`([^`\n]+)`")
_IDENTIFIER = re.compile(r"(?:\w+\.)*(_*[A-Za-z]\w*)(?:\([^)]*\))?")
_FILE = re.compile(
    r"(?:[\w.-]+/)*[\w-]+\.(?:py|c|h|js|css|html|toml)|(?:firmware|hal|boards|tests|tools|docs)/[\w./-]*"
)


def sentences(text):
    """The sentences of a page of Markdown, and the cells of its tables together, without blocks of code."""
    for block in _BLOCK.split(_FENCED.sub("", text)):
        yield from _SENTENCE.split(block)


def names_not_in_their_file(page, text):
    """`page: name` of each back-ticked identifier that is in none of the files its sentence names."""
    found = []
    for sentence in sentences(text):
        ticked = _TICKED.findall(sentence)
        files = [ROOT / each for each in ticked if _FILE.fullmatch(each) and (ROOT / each).is_file()]
        sources = "\n".join(path.read_text(errors="replace") for path in files)
        for each in ticked:
            match = _IDENTIFIER.fullmatch(each)
            if sources and match and not _FILE.fullmatch(each) and match[1] not in OF_ELSEWHERE:
                if not re.search(rf"(?<!\w){match[1]}(?!\w)", sources):
                    found.append(f"{page}: {each}")
    return found


def test_a_name_that_stands_beside_a_file_is_in_it():
    for page in PAGES:
        assert names_not_in_their_file(page.name, page.read_text()) == []


def test_a_name_that_its_file_does_not_hold_is_found():
    """The recipe that once named a table which was no longer there."""
    was = "1. The name goes into the table `_KNOWN`\n   in `firmware/sip/syntax/headers.py`. `_ELSEWHERE` is free."
    assert names_not_in_their_file("page", was) == ["page: _KNOWN"]
    assert names_not_in_their_file("page", was.replace("_KNOWN", "_SINGLES")) == []


def test_every_file_that_developers_are_sent_to_is_there():
    names = {
        path.name
        for folder in ("firmware", "hal", "boards", "workbench", "tests", "tools")
        for path in (ROOT / folder).rglob("*")
    }
    for page in PAGES[:3]:
        for each in _TICKED.findall(page.read_text()):
            if _FILE.fullmatch(each):
                assert (ROOT / each).exists() or "/" not in each and each in names, (page.name, each)


def test_every_helper_of_the_tests_is_in_their_index():
    index = (ROOT / "tests" / "README.md").read_text()
    modules = sorted(path.name for path in (ROOT / "tests" / "support").glob("*.py"))
    assert sorted(re.findall(r"^\| `(\w+\.py)` ", index, re.MULTILINE)) == modules


def test_the_releases_date_is_the_changelogs():
    """The chip's clock believes no earlier time."""
    found = re.search(
        r"^## \[([0-9.]+)\] - (\d+)-(\d+)-(\d+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert (found[1], tuple(map(int, found.groups()[1:]))) == (phone.VERSION, phone.RELEASED)
