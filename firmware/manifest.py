"""What every image has of the firmware, frozen; the board's own manifest adds the drivers."""

import os

# Roles that a phone does not play: tools/pbx.py does.
SERVERS = ("authenticator.py", "forking.py", "proxy.py", "registrar.py")

module("compat.py")
module("configured.py")
module("main.py")
module("start.py")
module("updating.py")
for name in ("media", "net", "phone", "services", "ui"):
    package(name)
files = [name for name in sorted(os.listdir("sip")) if name.endswith(".py") and name not in SERVERS]
package("sip", files=files)
# The web server of the phone's page, a pinned package (requirements-run.txt).
package("microdot", base_path="../.venv/phone", files=("__init__.py", "microdot.py"))
