"""The voice core with G.722 for CPython: voice_core.py with the wideband library."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_spec = spec_from_file_location(__name__, Path(__file__).with_name("voice_core.py"))
assert _spec is not None and _spec.loader is not None
sys.modules[__name__] = _module = module_from_spec(_spec)
_spec.loader.exec_module(_module)
