"""A stub resolver (RFC 1034 §5.3.1): asks the configured servers, checks and caches their answers. No I/O.

The caller owns the sockets. It sends each question that `to_send` returns from a socket of its own with a
random port (RFC 5452 §9.2), hands the answer to `receive` with the question's token, and closes a socket
when `is_waiting` is False for its token.
"""

from compat import const, ticks_add, ticks_diff
from net import dns

# Time limits for an answer; each round asks every server once.
_ROUNDS_MS = (1000, 2000, 4000)
_STREAM_MS = const(3000)
_MAX_QUESTIONS = const(8)
_KEPT = const(48)
# Records with a TTL of 0 must last for the questions that follow from the answer.
_MIN_S = const(5)
_MAX_S = const(86400)
_NEGATIVE_S = const(60)  # for an answer without an SOA (RFC 2308 §5)
_MAX_NEGATIVE_S = const(300)
_FAILED_S = const(10)


class _Question:
    def __init__(self, name, kind, tries):
        self.name = name
        self.kind = kind
        self.tries = tries  # [(server, ms)] still to be asked
        self.sent = []  # [(token, identity, server)]
        self.due = None
        self.extended = True
        self.streamed = False  # asked over TCP, as the answer was truncated …
        self.partial = None  # … and held only these: [(TTL, value)]


class DnsClient:
    """`servers` is a list of (host, port), the first asked first. `random(n)` gives n random bytes.

    `on_answer(now)` is called when a question has been answered or has failed. `counters` are warnings,
    counted by name.
    """

    def __init__(self, random, servers=()):
        self.servers = list(servers)
        self.on_answer = None
        self.counters = {}
        self._random = random
        self._kept = {}  # (name, kind) -> (tick of expiry, [value])
        self._questions = {}
        self._outgoing = []
        self._token = 0

    def lookup(self, name: str, kind: int, now: int) -> "list | None":
        """The values of `name`'s records of that kind; [] for none, None while an answer is awaited."""
        key = (name.lower(), kind)
        self._expire(now)
        kept = self._kept.get(key)
        if kept is not None:
            return kept[1]
        if key not in self._questions:
            try:
                dns.name_octets(key[0])
            except dns.DnsError:
                return []
            if not self.servers or len(self._questions) >= _MAX_QUESTIONS:
                self._count("not_asked")
                return []
            tries = [(server, ms) for ms in _ROUNDS_MS for server in self.servers]
            question = self._questions[key] = _Question(key[0], kind, tries)
            self._ask(question, now)
        return None

    def to_send(self, now: int) -> "tuple | None":
        """(token, bytes, server, whether over TCP) of the next question to send, or None."""
        return self._outgoing.pop(0) if self._outgoing else None

    def is_waiting(self, token: int) -> bool:
        """Whether an answer to the question with this token is still awaited."""
        return any(sent[0] == token for each in self._questions.values() for sent in each.sent)

    def deadline(self) -> "int | None":
        """The tick at which `handle_timer` must be called, None when no question is open."""
        nearest = None
        for question in self._questions.values():
            if nearest is None or ticks_diff(question.due, nearest) < 0:
                nearest = question.due
        return nearest

    def handle_timer(self, now: int) -> None:
        """Ask the questions that are due again, or give them up."""
        for question in list(self._questions.values()):
            if ticks_diff(question.due, now) <= 0:
                self._count("timeouts")
                self._ask(question, now)

    def failed(self, token: int, now: int) -> None:
        """The question with this token could not be sent, or was refused: ask the next server."""
        for question in list(self._questions.values()):
            if question.sent and question.sent[-1][0] == token:
                self._ask(question, now)

    def receive(self, token: int, data, source, now: int) -> None:
        """An answer from `source`, on the socket of `token`."""
        try:
            answer = dns.parse(data)
        except dns.DnsError:
            self._count("malformed")
            return
        question = self._questions.get((answer.name, answer.kind))
        asked = (token, answer.identity, tuple(source[:2]))
        if question is None or not any(sent[:3] == asked for sent in question.sent):
            # A forged answer, or one that came too late (RFC 5452 §3).
            self._count("unasked")
            return
        self._take(question, answer, now)

    def forget(self) -> None:
        """Empty the cache: the network has changed."""
        self._kept = {}

    def _take(self, question, answer, now):
        if answer.status == dns.NO_SUCH_NAME:
            self._settle(question, [], self._negative_s(answer), now)
        elif answer.status != dns.NO_ERROR:
            if question.extended and answer.status in (1, 4):
                # An old server without RFC 6891.
                question.extended = False
                question.tries.insert(0, (question.sent[-1][2], _ROUNDS_MS[0]))
            self._count("refused")
            self._ask(question, now)
        else:
            found = answer.found()
            if answer.truncated and not question.streamed:
                # RFC 7766 §5: the truncated answer is used only if TCP fails.
                self._count("truncated")
                question.streamed = True
                question.partial = found
                question.tries.insert(0, (question.sent[-1][2], _STREAM_MS))
                self._ask(question, now)
                return
            if found:
                self._keep_additional(answer, [value for _, value in found], now)
                seconds = min([ttl for ttl, _ in found])
            else:
                seconds = self._negative_s(answer)
            self._settle(question, [value for _, value in found], seconds, now)

    def _negative_s(self, answer):
        return _NEGATIVE_S if answer.negative_ttl is None else min(answer.negative_ttl, _MAX_NEGATIVE_S)

    def _keep_additional(self, answer, values, now):
        """Cache the addresses of the answer's target hosts, and no other additional record."""
        if answer.kind != dns.SRV or answer.truncated:
            return
        targets = [value[3] for value in values]
        groups = {}
        for name, kind, ttl, value in answer.additional:
            if name in targets and kind in (dns.A, dns.AAAA) and (name, kind) not in self._kept:
                group = groups.setdefault((name, kind), [ttl, []])
                group[0] = min(group[0], ttl)
                group[1].append(value)
        for key in groups:
            self._keep(key, groups[key][1], groups[key][0], now)

    def _ask(self, question, now):
        if question.partial and any(sent[3] for sent in question.sent):
            # TCP failed.
            self._settle(question, [value for _, value in question.partial], _FAILED_S, now)
            return
        if not question.tries:
            self._count("failed")
            self._settle(question, [], _FAILED_S, now)
            return
        server, ms = question.tries.pop(0)
        identity = int.from_bytes(self._random(2), "big")
        self._token += 1
        # Late answers of the servers asked before are accepted too.
        question.sent = question.sent[-3:] + [(self._token, identity, tuple(server), question.streamed)]
        question.due = ticks_add(now, ms)
        octets = dns.query(identity, question.name, question.kind, question.extended)
        self._outgoing.append((self._token, octets, server, question.streamed))

    def _settle(self, question, values, seconds, now):
        del self._questions[(question.name, question.kind)]
        self._keep((question.name, question.kind), values, seconds, now)
        if self.on_answer is not None:
            self.on_answer(now)

    def _expire(self, now):
        # Ticks wrap: an expiry further ahead than the longest lifetime is in the past.
        for key in list(self._kept):
            if not 0 < ticks_diff(self._kept[key][0], now) <= 1000 * _MAX_S:
                del self._kept[key]

    def _keep(self, key, values, seconds, now):
        self._expire(now)
        if len(self._kept) >= _KEPT:
            nearest = min(self._kept, key=lambda each: ticks_diff(self._kept[each][0], now))
            del self._kept[nearest]
        self._kept[key] = (ticks_add(now, 1000 * min(max(seconds, _MIN_S), _MAX_S)), values)

    def _count(self, name):
        self.counters[name] = self.counters.get(name, 0) + 1
