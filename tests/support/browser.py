"""A real browser for tests: Debian's Chromium, controlled through its driver by the W3C WebDriver protocol.

with Browser() as browser:
    browser.open("http://127.0.0.1:8080/")
    browser.type("#f-password", "secret")
    browser.click("button.main")
    browser.wait_text("Welcome")
"""

import base64
import json
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from support.require import require_program

# The size of a mobile phone's screen.
WIDTH, HEIGHT = 390, 780
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
    "--force-device-scale-factor=1",
    "--lang=en-GB",
]
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class NotShown(AssertionError):
    """The expected content did not appear; the message shows the page's text."""


class Browser:
    """`messages` are the errors on the browser's console: our pages cause none."""

    def __init__(self, scheme="light"):
        driver = require_program("chromedriver", "chromium-driver")
        require_program("chromium", "chromium")
        self._folder = tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [driver, "--port=0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=self._folder.name,
        )
        self._base = ""
        for line in self._process.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                self._base = f"http://127.0.0.1:{found.group(1)}/session"
                break
        flags = [*FLAGS, f"--user-data-dir={self._folder.name}/profile"]
        wanted = {
            "alwaysMatch": {
                "browserName": "chrome",
                "goog:chromeOptions": {
                    "args": flags,
                    "mobileEmulation": {
                        "deviceMetrics": {
                            "width": WIDTH,
                            "height": HEIGHT,
                            "pixelRatio": 1,
                            "mobile": True,
                            "touch": True,
                        }
                    },
                },
                "goog:loggingPrefs": {"browser": "ALL"},
            }
        }
        self._base += "/" + self._ask("POST", "", {"capabilities": wanted})["sessionId"]
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def close(self):
        try:
            self._ask("DELETE", "")
        except (OSError, AssertionError):
            pass
        self._process.terminate()
        self._process.wait(10)
        self._process.stdout.close()
        self._folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def _ask(self, method, path, body=None):
        octets = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(
            self._base + path, octets, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                request, timeout=40
            ) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise NotShown(f"{value['error']}: {value['message'].splitlines()[0]}") from None

    # A person's actions

    def open(self, url):
        self._ask("POST", "/url", {"url": url})

    def click(self, css):
        # Scroll there first: a click on an element that is still moving fails.
        self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", css)
        self._ask("POST", f"/element/{self._find(css)}/click")

    def press(self, text):
        """Click the button or link with this text."""
        self.wait(
            "a button %r" % text,
            "return [...document.querySelectorAll('button, a')].some(e =>"
            " e.textContent.trim() === arguments[0] && !e.disabled && e.offsetParent)",
            text,
        )
        self.run(
            "document.querySelectorAll('[data-pressed]').forEach(e => delete e.dataset.pressed);"
            "[...document.querySelectorAll('button, a')].find(e => e.textContent.trim() === arguments[0])"
            ".dataset.pressed = 1",
            text,
        )
        self.click("[data-pressed]")

    def type(self, css, text):
        """Replace the text of a field."""
        element = self._find(css)
        self._ask("POST", f"/element/{element}/clear")
        self._ask("POST", f"/element/{element}/value", {"text": text})

    def choose(self, css, value):
        self.run(
            "const e = document.querySelector(arguments[0]); e.value = arguments[1];"
            "e.dispatchEvent(new Event('input', {bubbles: true}));"
            "e.dispatchEvent(new Event('change', {bubbles: true}))",
            css,
            value,
        )

    # The page as a person sees it

    def text(self, css="body"):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", css)

    def wait_text(self, text, css="body", seconds=15.0):
        self.wait(
            f"the text {text!r}",
            "return document.querySelector(arguments[0])?.innerText.includes(arguments[1])",
            css,
            text,
            seconds=seconds,
        )

    def wait(self, what, script, *arguments, seconds=15.0):
        """Wait until a script returns a true value. Raises NotShown."""
        end = time.monotonic() + seconds
        while not self.run(script, *arguments):
            if time.monotonic() > end:
                raise NotShown(f"no {what} within {seconds} s; the page says: {self.text()!r}")
            time.sleep(0.05)

    def run(self, script, *arguments):
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def cdp(self, command, **parameters):
        return self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def screenshot(self, path):
        """Write the visible part of the page to `path`, as PNG."""
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))

    @property
    def messages(self):
        entries = self._ask("POST", "/se/log", {"type": "browser"})
        messages = [entry["message"] for entry in entries if entry["level"] == "SEVERE"]
        # A request that the phone refuses is not an error of the page.
        return [message for message in messages if "Failed to load resource" not in message]

    def _find(self, css):
        end = time.monotonic() + 10
        while True:
            try:
                return self._ask("POST", "/element", {"using": "css selector", "value": css})[_ELEMENT]
            except NotShown:
                if time.monotonic() > end:
                    raise NotShown(f"no element {css}; the page says: {self.text()!r}") from None
                time.sleep(0.05)
