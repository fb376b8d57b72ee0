"""What the measurements of the voice need: PESQ, the cores in C, and speech."""

from support.require import missing
from tools import build_native
from tools.lib.debian import DebianError


def require_scores() -> None:
    """Skip the test where one of them is missing."""
    try:
        import pesq  # noqa: F401
    except ImportError as error:
        missing("PESQ", "make voice (%s)" % error)
    from voice import speech

    try:
        build_native.build_host(quiet=True)
        speech.fetch()
    except (build_native.BuildError, DebianError) as error:
        missing("a core in C or its speech", str(error))
