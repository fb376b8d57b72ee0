"""Replays scripts of situations, at random and again and again, against one phone that has a call up.

    python tests/field/replay.py SECONDS SCRIPT...

A script makes a `Wire` of hunt.py as its phone; here every Wire is the one phone, with an account of the script's
own. What the scripts themselves find does not count: it was for a phone at rest. Prints what was done; ends with 1
where the call was lost, the phone counts an error of its own, or something of a script stays behind.
"""

import contextlib
import gc
import io
import random
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import names  # noqa: E402

sys.path.insert(0, str(names.ROOT / "firmware"))
sys.meta_path.insert(0, names.Finder())

MAX_CALM_S = 200
MAX_GROWTH = 100  # objects: in ten hours it was 6


class Town:
    """The phone, its server, and the call."""

    def __init__(self, hunt):
        self.hunt = hunt
        self.home = hunt.Wire(password="secret")
        self.home.registered()
        self.registration = self.home.ua.registrations[0]
        self.call, self.answer = self.home.talking_in(call_id="the-call", tag="the-caller")
        self.local_error = names.importlib.import_module("sip.events").LocalError
        hunt.Wire = self.wire

    def wire(self, aor="sip:201@192.0.2.10", password=None, **account):
        """What a script gets for its Wire(…): this phone, and an account of its own."""
        home = self.home
        parsed = home.parse_uri(aor)
        credentials = names.importlib.import_module("sip.digest").Credentials
        home.account = names.importlib.import_module("sip.agent.account").Account(
            parsed, credentials(parsed.user, password) if password else None, **account
        )
        home.ua.add(home.account)
        home.out, home.events = [], []
        return home

    def serve(self, message):
        home, reply = self.home, self.hunt.reply
        if message.method == "REGISTER":
            home.push(
                reply(message, 200, "OK", {"Contact": message.get("Contact")}), transport=message.transport
            )
        elif message.method in ("INVITE", "SUBSCRIBE"):
            home.push(reply(message, 603, "No"), message.destination, message.transport)
        elif message.method not in ("", "ACK", "CANCEL"):
            home.push(reply(message, 200, "OK"), message.destination, message.transport)

    def run(self, script):
        """Run it as far as it gets: it expects a phone at rest. What the firmware raised, or ''."""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                runpy.run_path(script, run_name="__main__")
        except (SystemExit, self.local_error):
            pass
        except Exception as error:
            at = error.__traceback__
            while at.tb_next is not None:
                at = at.tb_next
            if str(names.ROOT / "firmware") in at.tb_frame.f_code.co_filename:
                return repr(error)
        self.hunt._WRONG.clear()
        return ""

    def calm(self):
        """End what a script left behind; seconds until only the call was there."""
        home, ua = self.home, self.home.ua
        ua.keeps_alive = False
        for session in list(ua.sessions):
            if session is not self.call:
                try:
                    home.do(session.end)
                except self.local_error:
                    pass  # it is ending
        for usage in list(ua.subscriptions):
            home.do(usage.unsubscribe)
        for registration in list(ua.registrations):
            if registration is not self.registration:
                home.do(registration.unregister)
        if self.registration.state == "failed":
            home.do(self.registration.renew)  # the script had no answer for its refreshes
        for second in range(MAX_CALM_S):
            home.advance(1000)
            sent, home.out = home.out, []
            for message in sent:
                self.serve(message)
            if self.is_calm() and second > 40:
                break
        ua.accounts[:] = [self.registration.account]
        home.out, home.events = [], []
        return self.is_calm()

    def is_calm(self):
        ua = self.home.ua
        return (
            ua.sessions == [self.call]
            and ua.registrations == [self.registration]
            and self.registration.state == "registered"
            and not (ua.subscriptions or self.home.endpoint._clients or self.home.endpoint._servers)
        )

    def trouble(self):
        """What is wrong now, or ''."""
        endpoint = self.home.endpoint
        if self.call.state != "established":
            return "the call is " + self.call.state
        if "internal_errors" in endpoint.counters:
            return "errors: %s" % endpoint.counters
        return "" if len(endpoint.timers) < 200 else "%d timers" % len(endpoint.timers)


def objects():
    gc.collect()
    return len(gc.get_objects())


def main(seconds, scripts):
    sys.path.insert(0, str(Path(scripts[0]).resolve().parent))
    import hunt

    sys.argv = sys.argv[:1]
    town = Town(hunt)
    dice = random.Random(11)
    rounds, before = 0, 0
    while town.home.now < 1000 * seconds or rounds < 3:
        dice.shuffle(scripts)
        for script in scripts:
            trouble = (
                town.run(script) or town.trouble() or ("" if town.calm() else "not calm") or town.trouble()
            )
            if trouble:
                print("%s: %s" % (Path(script).name, trouble))
                print(town.home.ua.sessions, town.home.ua.registrations, town.home.ua.subscriptions)
                print(town.home.endpoint._clients, town.home.endpoint._servers)
                return 1
        rounds += 1
        if rounds == 1:
            before = objects()  # by now all that is loaded on demand is there
    grown = objects() - before
    town.home.inside("BYE", town.call, town.answer, 1000)
    ended = town.call.state
    print(
        "%d scripts, %d times, %d s; %d objects more; the call %s"
        % (len(scripts), rounds, town.home.now // 1000, grown, ended)
    )
    return 0 if grown <= MAX_GROWTH and ended == "ended" else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
