"""A state agent for tests on the fake network: takes PUBLISHes (RFC 3903 §6) and notifies subscribers."""

from sip.agent.user_agent import UserAgent
from sip.event.notifier import Notifier


class Told:
    """An event package whose state a test or a PUBLISH sets."""

    def __init__(self, name, content_type, state=b""):
        self.name = name
        self.content_type = content_type
        self.state = state

    def allows(self, account, transaction):
        return True

    def body(self, account, version):
        return self.state


class StateAgent:
    """For one `account` that `network` reaches at `host`; `entities` is {entity tag: body}."""

    def __init__(self, network, name, host, account, package):
        self.network = network
        self.node = network.join(name, host)
        self.endpoint = self.node.endpoint
        self.user_agent = UserAgent(self.endpoint, "Agent/test")
        self.user_agent.add(account)
        self.account = account
        self.package = package
        self.server = Notifier(self.user_agent)
        self.server.serve(package)
        self.entities = {}
        self.published = 0
        self.endpoint.core = self

    def tell(self, state, now=None):
        self.package.state = state
        self.server.changed(self.package.name, self.account, self.network.now if now is None else now)

    def forget(self):
        """Lose all published state, as a restart does."""
        self.entities = {}

    # As a core

    def on_request(self, transaction, now):
        request = transaction.request
        if request.method != "PUBLISH":
            return self.user_agent.on_request(transaction, now)
        tag = request.get("SIP-If-Match")
        if tag is not None and tag not in self.entities:
            return transaction.reply(412, now)
        body = bytes(request.body) or self.entities.get(tag)
        if tag is not None:
            del self.entities[tag]
        self.published += 1
        response = transaction.response(200)
        response.add("Expires", request.get("Expires"))
        if request.expires:
            self.entities["tag%d" % self.published] = body
            response.add("SIP-ETag", "tag%d" % self.published)
        transaction.respond(response, now)
        self.tell(body if request.expires else b"", now)
        return None

    def on_ack(self, request, source, transport, now):
        pass

    def on_stray_response(self, response, source, now):
        pass
