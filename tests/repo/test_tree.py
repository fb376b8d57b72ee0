"""Rules that hold for every file of a kind."""

import ast

from support import mirror
from support.mirror import ROOT

CHIP = ["firmware", "hal", "boards", "workbench"]

# Written by a tool, or data more than code.
GENERATED = ["firmware/ui/font"]

# Longer than 500 lines, and why.
LONG = {}

# Methods of str and bytes that MicroPython lacks.
ABSENT_METHODS = {
    "casefold",
    "expandtabs",
    "format_map",
    "isalnum",
    "isascii",
    "isdecimal",
    "isidentifier",
    "isnumeric",
    "ljust",
    "maketrans",
    "removeprefix",
    "removesuffix",
    "rjust",
    "swapcase",
    "zfill",
}


def files(folders, *suffixes):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file():
                yield path


def test_everything_for_the_chip_compiles_with_mpy_cross(tmp_path):
    problems = [mirror.compile_file(path, tmp_path / "out.mpy", "x86") for path in files(CHIP, ".py")]
    assert [problem for problem in problems if problem] == []


def test_every_text_for_the_chip_can_be_frozen():
    """MicroPython's tools want UTF-8, which has no lone surrogates."""
    for path in files(CHIP, ".py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not any("\ud800" <= c <= "\udfff" for c in node.value), f"{path}:{node.lineno}"


def test_no_file_is_longer_than_a_reader_bears():
    long = []
    for path in files([*CHIP, "tests", "tools"], ".py", ".c", ".h"):
        place = path.relative_to(ROOT).as_posix()
        lines = len(path.read_text().splitlines())
        generated = any(place.startswith(folder) for folder in GENERATED)
        if lines > 500 and not generated:
            long.append(f"{place}: {lines} lines")
    assert long == []


def test_no_init_re_exports():
    for path in files([*CHIP, "tests", "tools"], ".py"):
        if path.name == "__init__.py":
            body = ast.parse(path.read_text()).body
            assert all(isinstance(node, ast.Expr) for node in body), f"{path} holds more than a docstring"


def test_no_method_that_micropython_lacks():
    found = []
    for path in files(["firmware", "hal/contract", "hal/drivers", "hal/null", "boards"], ".py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ABSENT_METHODS:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.attr}")
    assert found == []


def test_only_compat_asks_which_interpreter_runs_it():
    found = []
    for path in files(["firmware", "hal/contract", "hal/drivers", "hal/null", "boards"], ".py"):
        for node in ast.walk(ast.parse(path.read_text())):
            asks = isinstance(node, ast.Attribute) and node.attr in ("implementation", "platform")
            if asks and path.name != "compat.py":
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


MAX_POSITIONAL = 6


def long_constructors(root=ROOT):
    """`file:line: class` of each constructor in the firmware that takes more by position than a reader can
    tell apart at the call: such a one takes them by keyword (`*`)."""
    found = []
    for path in sorted((root / "firmware").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for method in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    by_position = len(method.args.posonlyargs + method.args.args) - 1  # self
                    if by_position > MAX_POSITIONAL:
                        found.append(f"{path.relative_to(root)}:{method.lineno}: {node.name}")
    return found


def test_no_constructor_takes_more_than_six_by_position(tmp_path):
    assert long_constructors() == []
    (tmp_path / "firmware").mkdir()
    for parameters, long in (
        ("a, b, c, d, e, f", 0),
        ("a, b, c, d, e, f, g=1", 1),
        ("a, *, b, c, d, e, f, g", 0),
    ):
        (tmp_path / "firmware" / "a.py").write_text(
            f"class A:\n    def __init__(self, {parameters}):\n        pass\n"
        )
        assert len(long_constructors(tmp_path)) == long, parameters


# Who changes sys.path otherwise than a command of ours does, and why.
OTHER_PATHS = {
    "tools/lib/host_path.py": ["sys.path[:] = [str(folder) for folder in folders] + others"],
    "tools/cost.py": ["sys.path.append(str(tree / 'tools'))"],  # MicroPython's own tools
}


def test_a_tool_finds_its_modules_in_one_way():
    """The tree comes first; the firmware by tools.lib.host_path."""
    for path in files(["tools"], ".py"):
        place = path.relative_to(ROOT).as_posix()
        changes = []
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.Assign, ast.Expr)) and ast.unparse(node).startswith("sys.path"):
                changes.append(ast.unparse(node))
        allowed = ["sys.path.insert(0, str(ROOT))", *OTHER_PATHS.get(place, ())]
        assert [change for change in changes if change not in allowed] == [], place
        assert not place.startswith("tools/lib/") or "sys.path.insert(0, str(ROOT))" not in changes, place
