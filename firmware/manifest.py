"""The modules that are frozen into every image; the board's own manifest adds the drivers."""

import os

module("compat.py")
module("start.py")
for name in ("app", "net", "phone", "services", "ui"):
    package(name)
# All of media but two parts that run in C only, as no chip is fast enough in Python: media/echo and wideband
_TWINS = ("g722.py", "wide.py")
package(
    "media",
    files=[name for name in sorted(os.listdir("media")) if name.endswith(".py") and name not in _TWINS],
)
# All of SIP but sip/server: roles that no phone plays (tools/pbx.py plays them).
package("sip", files=[name for name in sorted(os.listdir("sip")) if name.endswith(".py")])
for room in ("agent", "call", "event", "syntax"):
    package("sip/" + room)
# The server of the web interface, a pinned package (requirements/run.txt).
package("microdot", base_path="../.venv/phone", files=("__init__.py", "microdot.py"))
