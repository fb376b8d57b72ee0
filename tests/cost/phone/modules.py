"""Measures the heap that the phone's loaded modules take, per package: functions, classes and their names.

Each import is measured without the imports that it causes.
"""

import asyncio
import builtins
import gc
import sys

from cost.phone import desk

PACKAGES = ("sip", "phone", "net", "ui", "media", "services", "hal")

_import = builtins.__import__
_inner = [0]
_sizes = {}  # module -> bytes


def weigh(name, *rest):
    gc.collect()
    before = gc.mem_alloc()
    _inner.append(0)
    module = _import(name, *rest)
    gc.collect()
    whole = gc.mem_alloc() - before
    own = whole - _inner.pop()
    _inner[-1] += whole
    if own > 0:
        _sizes[name] = _sizes.get(name, 0) + own
    return module


def rows(when):
    """Print a row for each package, for the modules that are still loaded."""
    sums = dict.fromkeys(PACKAGES + ("others",), 0)
    for name in _sizes:
        if name in sys.modules:
            package = name.partition(".")[0]
            package = package if package in PACKAGES else "others"
            sums[package] += _sizes[name]
    for package in sums:
        print("row", "modules-%s-%s" % (when, package), sums[package])
    print("row", "modules-" + when, sum(sums.values()))


async def scenario(d):
    await d.pass_ms(60_000)
    rows("idle")
    await d.take_call()
    await d.pass_ms(3000)
    rows("call")
    await d.end_call()


# Load these parts first: asyncio's own relative imports fail through our __import__.
for part in ("core", "Event", "Lock", "wait_for"):
    getattr(asyncio, part)
builtins.__import__ = weigh
desk.run(scenario)
