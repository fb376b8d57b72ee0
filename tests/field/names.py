"""The names of d549ff0 for modules that have moved since, so that a script of that day runs on this tree.

    python tests/field/names.py SCRIPT     runs it in the tree's root, with this tree's Python

Only what scripts of that day import stands here.
"""

import importlib
import importlib.abc
import importlib.util
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ROOMS = {
    "syntax": "grammar uri headers message framing multipart xml ipv6",
    "agent": "user_agent registration renewal dialog trust body identity",
    "call": "session caller callee acceptance reliable renegotiation offer_answer sdp session_timer transfer refer "
    "replaces info",
    "event": "subscriber unsolicited publication instant_message dialog_info pidf reg_info message_summary",
    "server": "proxy registrar authenticator",
}
MODULES = {
    "sip." + name: "sip.%s.%s" % (room, name) for room, names in ROOMS.items() for name in names.split()
}
MODULES.update(
    {
        "sip.auth": "sip.digest",
        "sip.departure": "sip.sending",
        "sip.locating": "sip.locator",
        "sip.attempt": "sip.agent.client_request",
        "sip.event_server": "sip.event.notifier",
        "sip.subscription": "sip.call.refer_subscription",
        "sip.forking": "sip.server.response_context",
        "sip.outbound": "sip.server.flow_tokens",
        "sip.reasons": "sip.syntax.status",
        "sip.cause": "sip.syntax.reason",
        "services.settings": "services.settings.settings",
        "services.stored": "services.settings.settings_store",
        "main": "app.phone",
        "configured": "app.from_settings",
        "phone.call": "phone.calls.call",
        "phone.reasons": "phone.words",
    }
)
# (module of that day, name in it) -> (module, name).
NAMES = {
    ("sip.auth", "Identity"): ("sip.digest", "Credentials"),
    ("sip.user_agent", "Account"): ("sip.agent.account", "Account"),
    ("sip.event_server", "EventServer"): ("sip.event.notifier", "Notifier"),
    ("sip.attempt", "Attempt"): ("sip.agent.client_request", "ClientRequest"),
}


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a module of that day: a copy of today's names under yesterday's."""

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self) if name in MODULES else None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        vars(module).update(
            (key, value)
            for key, value in vars(importlib.import_module(MODULES[module.__name__])).items()
            if not key.startswith("__")
        )
        for (of, name), (now_in, now) in NAMES.items():
            if of == module.__name__:
                setattr(module, name, getattr(importlib.import_module(now_in), now))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "firmware"))
    sys.meta_path.insert(0, Finder())
    sys.argv = sys.argv[1:]
    sys.path.insert(0, str(Path(sys.argv[0]).resolve().parent))
    runpy.run_path(sys.argv[0], run_name="__main__")
