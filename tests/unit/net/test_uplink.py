"""SIP is open at the address that the network has, and only there."""

import asyncio

from net.uplink import Uplink

A = "192.0.2.7"
B = "192.0.2.8"


class Done(Exception):
    pass


class Network:
    """Says what the rounds say, [(what `poll` returns, address)], one at each poll; then it raises Done."""

    state = "up"
    reason = ""
    dns = ["192.0.2.53"]

    def __init__(self, *rounds):
        self.rounds = list(rounds)

    def poll(self, now):
        if not self.rounds:
            raise Done
        news, self.address = self.rounds.pop(0)
        return news


class Signalling:
    """`opened` are the hosts at which it was to open, `refused` those where it cannot."""

    def __init__(self, refused=()):
        self.refused = refused
        self.opened = []
        self.address = None
        self.closed = 0
        self.endpoint = self
        self.local = None

    def open(self, host, port, secure):
        self.opened.append((host, secure))
        if host in self.refused:
            raise OSError("in use")
        self.address = (host, port)

    def close(self):
        self.address = None
        self.closed += 1

    def tasks(self):
        return [("sip", None)]


class Others:
    """Supervisor, log, ports, resolver and tasks in one."""

    def __init__(self):
        self.errors = []
        self.cancelled = 0
        self.host = None
        self.servers = None

    def start(self, name, function):
        return self

    def cancel(self):
        self.cancelled += 1

    def use(self, servers):
        self.servers = servers

    def info(self, text):
        pass

    def error(self, text):
        self.errors.append(text)


def lived(signalling, *rounds, **named):
    """(what the Uplink told its observers, the Others) after these rounds of the network."""
    others, told = Others(), []
    options = {"has_tls": False, "listens_tls": False}
    options.update(named)
    uplink = Uplink(
        network=Network(*rounds),
        signalling=signalling,
        ports=others,
        resolver=others,
        supervisor=others,
        log=others,
        port=5060,
        **options,
    )
    uplink.on_open = lambda address: told.append(address[0])
    uplink.on_way = lambda now: told.append("way")
    try:
        asyncio.run(uplink.run())
    except Done:
        pass
    return told, others


def test_it_opens_once_and_tells_of_a_new_way():
    signalling = Signalling()
    told, others = lived(signalling, ("up", A), (None, A), ("up", A), (None, A))
    assert signalling.opened == [(A, False)] and signalling.closed == 1
    assert told == [A, "way", "way"]
    assert others.host == A and others.servers == [("192.0.2.53", 0)] and others.cancelled == 0
    assert signalling.local == {"udp": (A, 5060), "tcp": (A, 5060)}


def test_it_moves_to_another_address():
    signalling = Signalling()
    told, others = lived(signalling, ("up", A), (None, B), (None, B))
    assert [host for host, _ in signalling.opened] == [A, B] and signalling.closed == 2
    assert told == [A, "way", B, "way"] and others.host == B and others.cancelled == 1


def test_a_port_that_is_taken_is_tried_again_after_a_while():
    signalling = Signalling(refused=(A,))
    told, others = lived(signalling, ("up", A), (None, A), (None, A))
    assert signalling.opened == [(A, False)] and told == [] and signalling.local is None
    assert others.errors == ["SIP port 5060 of 192.0.2.7: in use"]


def test_tls_has_the_next_port():
    for named in ({"has_tls": True}, {"listens_tls": True}):
        signalling = Signalling()
        lived(signalling, ("up", A), **named)
        assert signalling.opened == [(A, named.get("listens_tls", False))]
        assert signalling.local["tls"] == (A, 5061)
