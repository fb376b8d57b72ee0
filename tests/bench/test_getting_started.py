"""docs/getting-started.md, followed to the letter where no board is needed: from the box to the first call."""

import json
import re
import subprocess
import time
import urllib.request

from support.mirror import ROOT

GUIDE = (ROOT / "docs" / "getting-started.md").read_text()


def ask(url, path, body=None, token=""):
    request = urllib.request.Request(url + path, None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    request.add_header("X-CSRF-Token", token.partition(" ")[0])
    request.add_header("Cookie", token.partition(" ")[2])
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
        return json.load(answer), answer.headers


def test_the_phone_out_of_the_box_is_set_up_and_called():
    (command,) = re.findall(r"<!-- tried .*?-->\n```sh\n(.*?)\n```", GUIDE, re.DOTALL)
    assert command == "make sim ARGS=--new"
    # The same, but for a port that is free for certain, and from a pipe instead of a terminal.
    process = subprocess.Popen(
        ["make", "-s", "sim", "ARGS=--new 0"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    seen = []

    def until(*texts, seconds=40):
        """Read on until all of these stood in what came since."""
        missing, end = list(texts), time.monotonic() + seconds
        while missing:
            line = process.stdout.readline()
            assert line and time.monotonic() < end, (missing, "".join(seen[-60:]))
            seen.append(line)
            missing = [text for text in missing if not re.search(text, line)]

    def type_in(line):
        process.stdin.write(line + "\n")
        process.stdin.flush()

    try:
        until("its password second secret")
        told = "".join(seen)
        url = re.search(r"Open (http://\S+)/ in a browser", told).group(1)
        wifi, wifi_password = re.search(r"Wi-Fi (\S+), its password ([^;]+);", told).groups()
        account, password = re.search(r"account (\S+), its password ([^.]+)\.", told).groups()
        session, headers = ask(url, "/api/session")
        token = session["csrf"] + " " + headers["Set-Cookie"].split(";")[0]
        document = {
            "network": {"wifi": {"ssid": wifi, "password": wifi_password}},
            "lines": [{"aor": account, "password": password}],
            "ui": {"utc_offset_min": 60},
        }
        ask(url, "/api/first/try", {"settings": document, "password": "correct horse"}, token)
        end = time.monotonic() + 40
        while True:
            state = ask(url, "/api/first", token=token)[0]
            if state["state"] == "done":
                break
            assert state["state"] == "trying" and time.monotonic() < end, state
            time.sleep(0.2)
        ask(url, "/api/first/finish", {}, token)
        until("202 registered")
        type_in("201: hook 202#")
        until("Incoming call")
        type_in("202: hook")
        until("In call.*In call")
        type_in("202: hook")
        until("Call ended")
        type_in("quit")
        process.stdin.close()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_what_the_guide_names_is_there():
    for path in re.findall(r"\]\(([^)#:]+)\)", GUIDE):
        assert (ROOT / "docs" / path).exists(), path
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"make ([a-z]+)", GUIDE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
