"""A proxy for example.com and simple peers around it, on a network in virtual time."""

from sip.server.proxy import Proxy
from sip.server.registrar import Registrar, accounts
from support.link import Core, User, counting_random, new_request
from support.network import Network

DOMAIN = "example.com"
PROXY = ("192.0.2.100", 5060)


class Peer(Core):
    """A simple user agent: it answers a request at once with all statuses of `answers`."""

    def __init__(self, site, name, host, answers):
        super().__init__(*answers)
        self.site = site
        self.name = name
        self.host = host
        self.endpoint = site.network.join(name, host).endpoint
        self.endpoint.core = self
        self.requests = []  # all that arrived, in order, including ACKs

    def on_request(self, transaction, now):
        self.requests.append(transaction.request)
        self.transactions.append(transaction)
        for status in self.answers:
            response = transaction.response(status)
            for route in transaction.request.all("Record-Route"):
                response.add("Record-Route", route)
            response.add("Contact", "<sip:%s@%s>" % (self.name, self.host))
            transaction.respond(response, now)

    def on_ack(self, request, source, transport, now):
        self.requests.append(request)

    def methods(self):
        return [request.method for request in self.requests]

    def reply(self, status):
        """Answer the newest request."""
        self.transactions[-1].reply(status, self.site.network.now)
        self.site.settle()

    def send(self, method, target, transport="udp", cseq=1, call_id="call", headers=(), tag="", **changed):
        """Send a request through the proxy; returns (client transaction, its Listener)."""
        request = new_request(method, target, call_id, cseq)
        request.set("From", changed.get("from_", "<sip:%s@%s>;tag=%s" % (self.name, DOMAIN, self.name)))
        request.set("To", "<%s>%s" % (changed.get("to", target), tag and ";tag=" + tag))
        request.add("Contact", "<sip:%s@%s>" % (self.name, self.host))
        for name, value in headers:
            request.add(name, value)
        user = Listener()
        client = self.endpoint.request(request, user, self.site.network.now, PROXY, transport)
        self.site.settle()
        return client, user


class Listener(User):
    """A User that keeps the responses."""

    def __init__(self):
        super().__init__()
        self.responses = []

    def on_response(self, transaction, response, now):
        super().on_response(transaction, response, now)
        self.responses.append(response)


class Site:
    """A proxy for example.com, and peers by name."""

    def __init__(self, passwords=None, **settings):
        self.network = Network(delay=1)
        self.network.names[DOMAIN] = PROXY[0]
        self.endpoint = self.network.join("proxy", PROXY[0]).endpoint
        users, authenticator = (None, None)
        if passwords:
            users, authenticator = accounts(passwords, DOMAIN, counting_random(500), ["SHA-256"])
        self.registrar = Registrar(self.endpoint, [DOMAIN], users, authenticator)
        self.proxy = Proxy(self.endpoint, self.registrar, **settings)
        self.hosts = 0

    def settle(self):
        self.network.settle(50)

    def peer(self, name, *answers, **named):
        """A new peer, registered for the user `at` (default: its name; None: not), with `q`, `contact` …"""
        self.hosts += 1
        peer = Peer(self, name, "192.0.2.%d" % self.hosts, answers)
        if named.get("at", name) is not None:
            contact = named.get("contact", "<sip:%s@%s>" % (name, peer.host))
            at = named.get("at", name)
            to = "sip:%s@%s" % (at, DOMAIN)
            headers = [("Contact", contact + (";q=" + named["q"] if "q" in named else ""))]
            request = new_request("REGISTER", "sip:" + DOMAIN, "reg-" + name)
            request.set("To", "<" + to + ">")
            for header, value in headers:
                request.add(header, value)
            transport = named.get("transport", "udp")
            user = User()
            peer.endpoint.request(request, user, self.network.now, PROXY, transport)
            self.settle()
            assert user.told == [200]
        return peer

    def sent_by_proxy(self, word):
        """How often the proxy sent this: "CANCEL", "180 INVITE" …"""
        return len(
            [
                line
                for line in self.network.ladder
                if line.startswith("proxy >") and line.endswith(": " + word)
            ]
        )


def last_of(user):
    return user.responses[-1]
