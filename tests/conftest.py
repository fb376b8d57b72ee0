"""pytest's setup: the firmware's module search path on a host, and the runs on MicroPython."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support.mirror import ROOT, SEARCH_PATH

sys.path[:1] = [str(ROOT / folder) for folder in SEARCH_PATH]

from support.on_micropython import pytest_collect_file  # noqa: E402, F401

# Suites in real time, with programs, sockets and a browser, run in two processes; suites that only compute follow.
REAL_TIME = {"bench": "calls", "interop": "calls", "browser": "tools", "image": "tools", "platform": "tools"}
# This suite is long and mostly waits, so it runs beside the others.
BESIDE = "tests/bench/test_endurance.py"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Run each file in one process, as MicroPython does; and real-time suites in two."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return file if file == BESIDE else REAL_TIME.get(file.split("/")[1], file)

    return Scheduling(config, log)


def pytest_runtest_setup(item):
    """Skip *ipv6_sockets files on a machine without IPv6."""
    if item.path.stem.endswith("ipv6_sockets"):
        from support.require import require_ipv6

        require_ipv6()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """With REQUIRE_ALL=1 a skipped test is a failure."""
    report = yield
    if report.skipped and os.environ.get("REQUIRE_ALL") == "1" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but REQUIRE_ALL=1: {report.longrepr[2]}"
    return report


_outcomes: "dict[str, str]" = {}  # test of tests/interop -> how it ended


def pytest_runtest_logreport(report):
    if report.nodeid.startswith("tests/interop/") and (report.when == "call" or report.outcome != "passed"):
        if _outcomes.get(report.nodeid) != "failed":
            _outcomes[report.nodeid] = report.outcome


def pytest_sessionfinish(session):
    """With INTEROP_TABLE=1, write the results of tests/interop to docs/interop.md."""
    if os.environ.get("INTEROP_TABLE") == "1" and not hasattr(session.config, "workerinput"):
        from support import interop_table

        interop_table.write(_outcomes)
