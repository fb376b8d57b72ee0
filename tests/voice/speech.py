"""The speech of the voice bench: prompts in three languages from Debian's Asterisk packages (CC BY-SA 3.0).

The recordings are fetched once with apt into build/voice and are no part of this repository.
"""

import tempfile
import wave
from pathlib import Path

import numpy

from tools.lib import debian

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build" / "voice" / "speech"
RATE = 8000
PIECE_S = 8
LEVEL_DBOV = -26

SOUNDS = "usr/share/asterisk/sounds"
# One piece each: (package, folder, prompts that are joined until they fill it).
PIECES = (
    ("asterisk-core-sounds-ru-wav", "ru_RU_f_IvrvoiceRU", ("demo-congrats", "demo-instruct")),
    ("asterisk-core-sounds-it-wav", "it_IT_m_Carlo", ("demo-congrats", "demo-instruct")),
    ("asterisk-core-sounds-fr-wav", "fr_CA_f_June", ("demo-congrats", "demo-instruct")),
    ("asterisk-core-sounds-it-wav", "it_IT_m_Carlo", ("priv-callee-options", "conf-adminmenu-18")),
)


def fetch(kind: str = "wav") -> Path:
    """The folder of the prompts; DebianError says why they cannot be had. `kind`: wav, or g722 for 16 kHz."""
    cache = CACHE if kind == "wav" else CACHE.with_name("speech_" + kind)
    pieces = [(package[:-3] + kind, folder) for package, folder, _ in PIECES]
    missing = {package for package, folder in pieces if not (cache / folder).is_dir()}
    if missing:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as work:
            archive = debian.Archive(Path(work) / "apt", debian.mirror()[1], ["amd64"])
            for package, folder in pieces:
                if package in missing and not (cache / folder).is_dir():
                    archive.unpack(package, Path(work) / package)
                    (Path(work) / package / SOUNDS / folder).rename(cache / folder)
    return cache


def read(path: Path) -> "numpy.ndarray":
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2), path
        return numpy.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)


def speech() -> "numpy.ndarray":
    """All pieces one after the other, each at the same level over its active parts, as int16."""
    folder = fetch()
    return _joined(lambda path: read(folder / path.with_suffix(".wav")), RATE)


def wide_speech(decode) -> "numpy.ndarray":
    """The same at 16 kHz; `decode` makes samples of G.722's octets."""
    folder = fetch("g722")
    return _joined(
        lambda path: decode((folder / path.with_suffix(".g722")).read_bytes()).astype(float), 2 * RATE
    )


def _joined(sound_of, rate):
    pieces = []
    for _, voice, prompts in PIECES:
        sound = numpy.concatenate([sound_of(Path(voice, name)) for name in prompts])
        sound = sound[: PIECE_S * rate]
        blocks = sound.reshape(-1, rate // 50)
        power = (blocks**2).mean(1)
        active = power[power > power.max() / 1000].mean()
        pieces.append(sound * (32768 * 10 ** (LEVEL_DBOV / 20) / active**0.5))
    return numpy.clip(numpy.concatenate(pieces), -32768, 32767).astype("int16")
