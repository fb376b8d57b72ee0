"""SIP programs that nobody here wrote, on loopback: Kamailio, baresip and SIPp.

Each peer is a context manager with a folder of its own that holds its configuration and its log; ports are
chosen when it starts, so that suites may run beside one another. A program that is not installed skips the
test that asks for it.
"""

import ctypes
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from support.require import require_program

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1"
DOMAIN = "pbx.test"  # what Kamailio answers to beside its address
_PR_SET_PDEATHSIG = 1
USERS = {str(user): "secret-%d" % user for user in range(201, 207)}


def free_ports(count: int = 1) -> int:
    """The first of `count` neighbouring ports that nobody listens on, by UDP or TCP."""
    for _ in range(200):
        # Below the range that the kernel deals out to clients.
        first = random.randrange(10000, 32000 - count)
        try:
            for port in range(first, first + count):
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    with socket.socket(socket.AF_INET, kind) as probe:
                        probe.bind((HOST, port))
        except OSError:
            continue
        return first
    raise AssertionError("no %d free ports" % count)


def wait_for(condition, seconds: float, what: str):
    """The first true value of `condition()`; AssertionError naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "waited %g s for %s" % (seconds, what)
        time.sleep(0.02)


def _die_with_us():
    """In the child: a test run that is killed leaves nobody behind who answers on a port (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Peer:
    """A program that runs while the `with` block does. `arguments()` gives its command line."""

    program = package = ""
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.log = self.folder / "log"
        self.path = require_program(self.program, self.package)
        self.process = None

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [self.path] + [str(each) for each in self.arguments()],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_us,
            )
        try:
            wait_for(self._up, 15, self.program + " to start")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                pass
        # Children of its own must not outlive it.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def _up(self):
        assert self.process.poll() is None, "%s ended: %s" % (self.program, self.log_text()[-2000:])
        return self.ready()

    def arguments(self) -> list:
        raise NotImplementedError

    def ready(self) -> bool:
        return True

    def log_text(self) -> str:
        return self.log.read_text(errors="replace")

    def fill_in(self, template: str, output: str, **values) -> Path:
        """Write `template`, with each @NAME@ replaced, to `output` in the peer's folder."""
        text = (HERE / template).read_text()
        for name, value in values.items():
            text = text.replace("@" + name + "@", str(value))
        path = self.folder / output
        path.write_text(text)
        return path


class Kamailio(Peer):
    """A registrar and proxy on UDP and TCP; `algorithm` is its digest's, "MD5" or "SHA-256".

    With `identity`, an interop.certificates.Identity, on TLS too: at `tls_port`; with `demands`, the Identity
    of an authority, clients have to show a certificate of its. `max_expires` is the longest that it registers
    anybody for, 0 without limit. With `presence` it is a server for the events presence, dialog and
    message-summary, and publishes the calls that pass through it. Entered again, it is the same server, on the
    same ports, with no memory.
    """

    program, package = "kamailio", "kamailio"

    def __init__(
        self,
        folder,
        algorithm: str = "MD5",
        users=None,
        min_expires: int = 5,
        identity=None,
        demands=None,
        max_expires: int = 0,
        presence: bool = False,
    ):
        super().__init__(folder)
        self.demands = demands
        self.max_expires = max_expires
        self.identity = identity
        self.presence = presence
        self.tls_port = free_ports()
        self.algorithm = algorithm
        self.min_expires = min_expires
        self.users = USERS if users is None else users
        self.port = free_ports()
        self.address = "%s:%d" % (HOST, self.port)

    def arguments(self):
        passwords = ['    if ($au == "%s") $var(password) = "%s";' % pair for pair in self.users.items()]
        config = self.fill_in(
            "kamailio.cfg",
            "kamailio.cfg",
            PORT=self.port,
            DOMAIN=DOMAIN,
            ALGORITHM=self.algorithm,
            MIN_EXPIRES=self.min_expires,
            MAX_EXPIRES=self.max_expires,
            PASSWORDS="\n".join(passwords),
            TLS_LISTEN="enable_tls=yes\nlisten=tls:%s:%d" % (HOST, self.tls_port) if self.identity else "",
            TLS_MODULE=self._tls_module() if self.identity else "",
            PRESENCE=self._presence_modules() if self.presence else "",
        )
        return self.run_with(config)

    def run_with(self, config: Path) -> list:
        """The command line for a configuration."""
        # Few and small memory pools; everything that it writes stays in its folder.
        return ["-f", config, "-DD", "-E", "-m", "32", "-M", "4", "-Y", self.folder, "-w", self.folder]

    def _presence_modules(self):
        # Its tables, empty: what is in them goes with the process.
        shutil.copytree("/usr/share/kamailio/dbtext/kamailio", self.folder / "tables", dirs_exist_ok=True)
        template = "kamailio_presence.cfg"
        return self.fill_in(template, template, FOLDER=self.folder, HOST=HOST, PORT=self.port).read_text()

    def _tls_module(self):
        options = (
            ("certificate", '"%s"' % self.identity.certificate),
            ("private_key", '"%s"' % self.identity.key),
            ("tls_method", '"TLSv1.2+"'),
            ("verify_certificate", "1" if self.demands else "0"),
        )
        if self.demands:
            options += (("require_certificate", "1"), ("ca_list", '"%s"' % self.demands.certificate))
        lines = ['modparam("tls", "%s", %s)' % option for option in options]
        return "\n".join(['loadmodule "tls.so"', *lines])

    def ready(self):
        return answers_options(self.port)


def answers_options(port: int) -> bool:
    """Whether a SIP server on this UDP port answers an OPTIONS."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.2)
        client.connect((HOST, port))
        branch = "z9hG4bK%08x" % random.getrandbits(32)
        request = (
            "OPTIONS sip:%s:%d SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;branch=%s\r\nFrom: <sip:ping@%s>;tag=%s\r\n"
            "To: <sip:%s>\r\nCall-ID: %s\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        ) % (HOST, port, HOST, client.getsockname()[1], branch, HOST, branch, HOST, branch)
        try:
            client.send(request.encode())
            return client.recv(2000).startswith(b"SIP/2.0 ")
        except OSError:
            return False


class Baresip(Peer):
    """A far-end phone: plays a WAV file into each call and records what it hears.

    `server` is "host:port" of its registrar, or None for a phone that is called by its own address. `contact` is
    the URI that its command `message` writes to.
    """

    program, package = "baresip", "baresip-core"

    def __init__(
        self,
        folder,
        user: str,
        wav: str,
        server=None,
        transport: str = "udp",
        answer: str = "auto",
        codecs: str = "pcmu,pcma",
        contact=None,
        encryption: str = "",
        rate: int = 8000,
    ):
        super().__init__(folder)
        self.rate = rate  # of the WAV file, and of what it records
        self.user = user
        self.wav = wav
        self.server = server
        self.transport = transport
        self.answer = answer
        self.codecs = codecs
        self.contact = contact
        self.encryption = encryption
        self.sip_port = free_ports(2)  # it takes the next one for TLS
        self.rtp_port = free_ports(20)
        self.control_port = free_ports()
        self.address = "%s:%d" % (HOST, self.sip_port)
        self._control = None
        self._received = b""
        self.events = []

    def arguments(self):
        modules = next(path for path in Path("/usr").glob("lib*/**/baresip/modules") if path.is_dir())
        (self.folder / "recordings").mkdir(exist_ok=True)
        self.fill_in(
            "baresip.conf",
            "config",
            SIP=self.sip_port,
            RTP=self.rtp_port & ~1,
            RTP_END=(self.rtp_port & ~1) + 18,
            CONTROL=self.control_port,
            WAV=self.wav,
            RATE=self.rate,
            MODULES=modules,
            FOLDER=self.folder,
        )
        account = "<sip:%s@%s;transport=%s>;answermode=%s;audio_codecs=%s" % (
            self.user,
            self.server or self.address,
            self.transport,
            self.answer,
            self.codecs,
        )
        if self.encryption:
            account += ";mediaenc=" + self.encryption
        if self.server:
            account += ";auth_user=%s;auth_pass=%s;regint=60" % (self.user, USERS[self.user])
        else:
            account += ";regint=0"
        (self.folder / "accounts").write_text(account + "\n")
        (self.folder / "contacts").write_text("<%s>\n" % self.contact if self.contact else "")
        return ["-4", "-f", self.folder]

    def ready(self):
        if self._control is None:
            try:
                self._control = socket.create_connection((HOST, self.control_port), 0.2)
            except OSError:
                return False
            self._control.setblocking(False)
        return self.server is None or "OK" in self.command("reginfo")

    def __exit__(self, *_):
        if self._control is not None:
            self._control.close()
        super().__exit__()

    def command(self, command: str, parameters: str = "") -> str:
        """Run one of its commands (`dial`, `accept`, `hangup` …); what it answers."""
        token = "%08x" % random.getrandbits(32)
        text = json.dumps({"command": command, "params": parameters, "token": token}).encode()
        self._control.sendall(b"%d:%s," % (len(text), text))
        found = []

        def answered():
            found.extend(each for each in self._poll() if each.get("response") and each.get("token") == token)
            return found

        return wait_for(answered, 5, "baresip's answer to " + command)[0].get("data", "")

    def wait_for_event(self, kind: str, seconds: float = 10) -> dict:
        """The next event of this type (CALL_ESTABLISHED, CALL_CLOSED …) that was not waited for yet."""

        def arrived():
            self._poll()
            return next((event for event in self.events if event.get("type") == kind), None)

        event = wait_for(arrived, seconds, "baresip's event " + kind)
        del self.events[: self.events.index(event) + 1]
        return event

    def heard(self) -> "list[Path]":
        """What it has recorded of its calls, oldest first; complete once a call has ended."""
        return sorted((self.folder / "recordings").glob("*-dec.wav"))

    def _poll(self):
        """Read what has arrived (netstrings of JSON); events go to `events`, all the rest is returned."""
        try:
            self._received += self._control.recv(65536)
        except BlockingIOError:
            pass
        messages = []
        while b":" in self._received:
            length, _, rest = self._received.partition(b":")
            if len(rest) <= int(length):
                break
            messages.append(json.loads(rest[: int(length)]))
            self._received = rest[int(length) + 1 :]
        self.events += [message for message in messages if message.get("event")]
        return [message for message in messages if not message.get("event")]


class Sipp(Peer):
    """SIPp with one of its built-in scenarios ("uac", "uas"), or with a `script` of ours in XML, for `calls` calls.

    `target` is "host:port" of whom it calls.
    """

    program, package = "sipp", "sip-tester"
    stop_signal = signal.SIGUSR1  # it finishes the calls that it is in

    def __init__(
        self, folder, scenario: str, calls: int, target=None, *options, transport: str = "udp", script=None
    ):
        super().__init__(folder)
        self.script = script
        self.scenario = scenario
        self.calls = calls
        self.target = target
        self.options = list(options)
        self.transport = transport
        self.port = free_ports()
        self.media_port = free_ports(4)
        self.address = "%s:%d" % (HOST, self.port)
        self.statistics = self.folder / "statistics.csv"

    def arguments(self):
        scenario = ["-sn", self.scenario]
        if self.script is not None:
            path = self.folder / "script.xml"
            path.write_text(self.script)
            scenario = ["-sf", path]
        arguments = [
            *scenario,
            "-m",
            self.calls,
            "-i",
            HOST,
            "-p",
            self.port,
            "-mp",
            self.media_port,
            "-t",
            {"udp": "u1", "tcp": "t1"}[self.transport],
            "-nostdin",
            "-trace_err",
            "-trace_stat",
            "-fd",
            "1",
            "-stf",
            self.statistics,
        ]
        return arguments + self.options + ([self.target] if self.target else [])

    def ready(self):
        if self.target is not None:
            return True
        kind = socket.SOCK_STREAM if self.transport == "tcp" else socket.SOCK_DGRAM
        try:
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.bind((HOST, self.port))
        except OSError:
            return True
        return False

    def _up(self):
        return self.process.poll() is not None or self.ready()

    def finish(self, seconds: float) -> "tuple[int, int]":
        """Wait until all calls are over; (successful, failed). AssertionError when they take longer."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError("SIPp is not done after %g s: %r" % (seconds, self.counts())) from None
        return self.counts()

    def counts(self) -> "tuple[int, int]":
        """(successful, failed) calls so far, from its statistics."""
        try:
            header, *rows = self.statistics.read_text().splitlines()
        except (OSError, ValueError):
            return 0, 0
        if not rows:
            return 0, 0
        values = dict(zip(header.split(";"), rows[-1].split(";")))
        return int(values["SuccessfulCall(C)"]), int(values["FailedCall(C)"])

    def errors(self) -> str:
        """What it has to say about unexpected messages."""
        text = "".join(path.read_text(errors="replace") for path in self.folder.glob("*_errors.log"))
        # That this machine is slow is no message that it did not expect.
        lines = [line for line in text.splitlines() if "Overload warning" not in line]
        return "" if lines in ([], ["The following events occurred:"]) else "\n".join(lines)
