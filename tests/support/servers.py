"""The project's own proxy and registrar on the fake network."""

from sip.server.proxy import Proxy
from sip.server.registrar import Registrar, accounts


class Server:
    """A proxy with a registrar for `domain`, whose users are {name: password}."""

    def __init__(self, network, name, host, domain, passwords, **settings):
        self.node = network.join(name, host)
        self.endpoint = self.node.endpoint
        users, authenticator = accounts(passwords, domain, self.endpoint.random)
        self.registrar = Registrar(self.endpoint, [domain, host], users, authenticator, **settings)
        self.endpoint.answers_stun = True
        self.proxy = Proxy(self.endpoint, self.registrar)
        network.names[domain] = host
