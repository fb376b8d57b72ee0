"""What the user documentation lists is what there is."""

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


def test_every_command_and_key_of_the_bench_is_documented():
    source = (ROOT / "hal" / "sim" / "bench.py").read_text()
    commands = source[source.index("_COMMANDS = {") :].split("}")[0].split('"')[1::2]
    for command in [*commands, "press", "hold_key", "hook", "power", "quit"]:
        assert f'"do":"{command}"' in BENCH, command
