"""What people read is said in the field's words: docs, display, web interface, commands, errors."""

import ast
import re
import tokenize

from support.mirror import ROOT

# Pattern -> what to say instead. Whole words, in any case, across the end of a line.
WORDS = (
    ("anew", "again; restarted, restarting"),
    ("for ever", "forever"),
    ("by (itself|themselves)", "automatically"),
    ("once more", "again"),
    ("no proper", "invalid, malformed"),
    ("must be a text", "must be a string"),
    ("stretched password", "password hash"),
    ("must be stretched", "must be a password hash"),
    ("(was|is) odd", "warnings, event counters; malformed"),
    ("key(ed)? in", "enter"),
    ("hush", "silence"),
    ("(phone's|its|the) (web )?page'?s password", "the web interface's password"),
    ("the phone's (own )?(web )?page", "the web interface"),
    ("(transfer|transferred) (unseen|after asking)", "blind transfer, attended transfer"),
    ("unseen or after asking", "blind or attended"),
    ("taken over", "picked up"),
    ("sent on to", "forwarded to"),
    ("(goes|go|going|went) on by itself", "continues"),
    ("stepping back|step(s|ped)? back", "downgrade, roll back"),
    ("nobody proves anything", "not authenticated"),
    ("its word counts", "managed by the provisioning server (read-only)"),
    ("look (again|anew|once)", "refresh"),
    ("looks? (there )?every", "check interval"),
    ("look for an update", "check for updates"),
    ("what is newer", "updates"),
    ("nothing is new", "no changes"),
    ("needs? nobody", "unattended"),
    ("what a board says", "serial console"),
    ("name to log in with", "authentication user"),
    ("whoever runs", "provider, administrator"),
    ("tones and ring of", "tone region"),
    ("clock with 24 hours", "24-hour clock"),
    ("volume of the bell", "ringer volume"),
    ("highest rate of the sound chips", "maximum sample rate"),
    ("the way through NATs", "NAT keep-alive"),
    ("try it out and keep it|keep it without trying", "test and save; save without testing"),
    ("the password is another", "password changed; the old password is wrong"),
    ("start(s|ed|ing)? anew", "restart"),
    ("no memory for it", "not enough memory"),
    ("too long an address", "address too long"),
    ("the server is silent", "the server stopped responding"),
    ("more than was announced", "response exceeds Content-Length"),
    ("where releases are", "update server URL"),
    ("voice mail", "voicemail"),
    ("pick-up", "pickup"),
    ("octets?", "byte"),
)
# Where a protocol's own sentence needs its word: "octet" is what RFCs and the C core's layouts say.
PROTOCOLS = ("docs/native.md", "docs/conformance.md", "docs/cost.md")  # the last: as the budgets count

_PATTERNS = [
    (re.compile(r"(?<![\w/-])(?:%s)(?![\w-])" % word.replace(" ", r"\s+"), re.I), say) for word, say in WORDS
]


def offences(place, text):
    """`place:line: "words": say …` of each pattern that a text holds."""
    found = []
    for pattern, say in _PATTERNS:
        if say == "byte" and place in PROTOCOLS:
            continue
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f'{place}:{line}: "{" ".join(match[0].split())}": say {say}')
    return found


def without_code(text):
    """Markdown without what stands in back ticks, its lines kept."""
    text = re.sub(r"```.*?```", lambda match: "\n" * match[0].count("\n"), text, flags=re.DOTALL)
    return re.sub(r"`[^`\n]*`", "``", text)


def literals(path, helps=False):
    """[(line, text)] of a module's strings: what it shows, prints or answers. No docstrings and no names; with
    `helps` the module's own docstring, which --help prints."""
    tree = ast.parse(path.read_text())
    documented = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef) + (() if helps else (ast.Module,))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            if not re.fullmatch(r"[a-z_.]*", node.value):
                yield node.lineno, node.value


def in_strings(path, helps=False):
    """What `offences` finds in the strings of a module."""
    place = path.relative_to(ROOT).as_posix()
    found = []
    for line, text in literals(path, helps):
        found += [f"{place}:{line}: " + each.split(": ", 1)[1] for each in offences(place, text)]
    return found


def test_documents():
    pages = [
        ROOT / name
        for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "tests/README.md")
    ]
    pages += [*sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "boards").rglob("*.md"))]
    found = []
    for page in pages:
        found += offences(page.relative_to(ROOT).as_posix(), without_code(page.read_text()))
    assert found == [], "\n".join(found)


def test_the_web_interface():
    found = []
    for path in sorted((ROOT / "firmware" / "services" / "web" / "pages").iterdir()):
        if path.suffix in (".js", ".html"):
            found += offences(path.relative_to(ROOT).as_posix(), path.read_text())
    assert found == [], "\n".join(found)


def test_the_display_and_what_the_phone_answers():
    firmware = ROOT / "firmware"
    paths = [*sorted((firmware / "ui").rglob("*.py")), *sorted((firmware / "phone").rglob("*.py"))]
    paths += [path for path in sorted((firmware / "services").rglob("*.py")) if path.parent.name != "pages"]
    found = [each for path in paths if path.name != "font_data.py" for each in in_strings(path)]
    assert found == [], "\n".join(found)


def test_commands():
    found = []
    for path in sorted((ROOT / "tools").glob("*.py")):
        found += in_strings(path, helps=True)
    for number, line in enumerate((ROOT / "Makefile").read_text().splitlines(), 1):
        if "## " in line:
            found += [f"Makefile:{number}: " + each.split(": ", 1)[1] for each in offences("Makefile", line)]
    assert found == [], "\n".join(found)


def remarks(path):
    """[(line, text)] of a module's docstrings and comments; comments that follow each other are one text."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node)
            if text:
                yield node.body[0].lineno, text
    line, lines = 0, []
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type == tokenize.COMMENT:
                if token.start[0] != line + len(lines):
                    yield line, " ".join(lines)
                    line, lines = token.start[0], []
                lines.append(token.string.lstrip("# "))
    yield line, " ".join(lines)


def test_docstrings_and_comments():
    """Beside a protocol "octet" is the word; services/web is pages, and so has a page's password."""
    own = ("say byte", "say the web interface's password")
    found = []
    for folder in ("firmware", "hal", "boards", "workbench", "tools"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for line, text in remarks(path):
                said = [each for each in offences("", text) if not each.endswith(own)]
                found += [f"{path.relative_to(ROOT)}:{line}: {each}" for each in said]
    assert found == [], "\n".join(found)


def test_remarks_are_read_across_lines(tmp_path):
    path = tmp_path / "module.py"
    path.write_text('"""Once."""\n\nx = "anew"  # kept for\n# ever\n\n# and so\n')
    assert list(remarks(path)) == [(1, "Once."), (0, ""), (3, "kept for ever"), (6, "and so")]


def test_words_are_found_wherever_they_stand(tmp_path):
    assert offences("page", "first line\nsent on\nto 300") == ['page:2: "sent on to": say forwarded to']
    assert offences("page", "An octet.") == ['page:1: "octet": say byte']
    assert offences("docs/native.md", "An octet.") == []
    assert offences("page", "renewed, keyed input, MAX_OCTETS, octet-stream, the hush") == [
        'page:1: "hush": say silence'
    ]
    assert without_code("a `b anew` c\n```\nanew\n```\nd") == "a `` c\n\n\n\nd"
    path = tmp_path / "module.py"
    path.write_text(
        '"""Starts anew."""\n\n\ndef hush():\n    """Anew."""\n    return "hush", "Key in it", "for ever"\n'
    )
    assert [text for _, text in literals(path)] == ["Key in it", "for ever"]
    assert [text for _, text in literals(path, helps=True)] == ["Starts anew.", "Key in it", "for ever"]
