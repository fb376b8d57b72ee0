"""The echo canceller in C: its Python twin, every chip, and what it refuses."""

import subprocess
import sys
from array import array
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import echo_vectors
import on_chips

from media.echo import canceller as reference
from support.check import raises
from support.require import missing
from tools import build_native

CORE = build_native.NATIVE / "core"
VECTORS = on_chips.Vectors("echo_vectors", "echo_core", ())


@pytest.fixture(scope="module")
def native():
    return on_chips.host_core("echo_core")


@pytest.mark.parametrize("vector", echo_vectors.VECTORS, ids=lambda vector: vector.__name__)
def test_c_and_python_agree(native, vector):
    assert echo_vectors.checksum(native, vector) == echo_vectors.checksum(reference, vector)


@pytest.fixture(scope="module")
def expected(native):
    return {vector.__name__: echo_vectors.checksum(native, vector) for vector in echo_vectors.VECTORS}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("architecture", build_native.ARCHITECTURES)
def test_a_native_module_agrees(expected, architecture):
    assert VECTORS.on_architecture(architecture) == expected


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", ["unix", "rv32"])
def test_the_user_c_module_agrees(expected, kind):
    assert VECTORS.on_frozen(kind) == expected


@pytest.mark.timeout(200)
def test_the_reference_is_the_same_on_micropython(expected):
    assert VECTORS.on_unix_port(on_chips.micropython(32), "media.echo.canceller") == expected


@pytest.mark.parametrize("core", ["native", "reference"])
def test_settings_and_buffers_that_do_not_fit_are_refused(native, core):
    core = native if core == "native" else reference
    for rate, delay in ((11025, 0), (0, 0), (8000, 25), (48000, 1)):
        raises(ValueError, core.new, rate, 0, delay)
    state = core.new(8000, 3, 24)
    for mic, far in ((80, 160), (79, 79), (81, 81)):
        raises(ValueError, core.cancel, state, array("h", [0] * mic), array("h", [0] * far))
        raises(ValueError, core.cancel_wide, state, array("i", [0] * mic), array("h", [0] * far))
    core.cancel(state, array("h"), array("h"))


def test_every_kind_of_sound_under_the_sanitizers(tmp_path):
    """Echo paths that change by a second, full scale, silence, DC."""
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    compiler = build_native.compiler()
    probe = tmp_path / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    if subprocess.run([*compiler, *sanitizers, str(probe), "-o", str(tmp_path / "probe")]).returncode:
        missing("the compiler's sanitizers", "sudo apt-get install gcc")
    program = tmp_path / "soak"
    source = Path(__file__).with_name("soak_echo.c")
    flags = ["-std=c99", "-O1", "-g", *sanitizers, f"-I{CORE}", str(source), "-o", str(program)]
    subprocess.run([*compiler, *flags], check=True)
    result = subprocess.run([str(program)], capture_output=True, text=True)
    assert result.stdout == "sound\n", result.stderr[-3000:]


class Room:
    """A loudspeaker that plays noise, and a microphone that hears it half as loud after `delay` samples."""

    def __init__(self, core):
        self.core, self.state = core, core.new(8000, 0, 0)
        self.numbers = echo_vectors.Numbers(3)
        self.past = [0] * 300
        self.delay = 33

    def left(self, frames, near=lambda at: 0):
        """RMS of what is sent of the last 20 of those frames."""
        sent = []
        for _ in range(frames):
            self.past = self.past[-300:] + [self.numbers.below(8001) - 4000 for _ in range(160)]
            mic = array("h", [self.past[300 - self.delay + at] // 2 + near(at) for at in range(160)])
            self.core.cancel(self.state, mic, array("h", self.past[300:]))
            sent += mic
        return (sum(sample * sample for sample in sent[-3200:]) / 3200) ** 0.5


def test_another_path_is_learnt_within_two_seconds_and_one_who_speaks_is_heard(native):
    room = Room(native)
    echo = 4000 / 2 / 3**0.5
    assert room.left(20) > 0
    assert room.left(80) < echo / 56  # 35 dB
    room.delay = 210
    assert room.left(100) < echo / 56
    assert 1500 < room.left(50, near=lambda at: 3000 if at // 8 % 2 else -3000) < 3300
