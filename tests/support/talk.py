"""An established call between one of our phones and a peer played by hand."""

from support.descriptions import description
from support.network import Network
from support.phones import Peer, Phone

ALICE = ("192.0.2.1", 5060)


class Talk:
    """An established call: the phone called the peer, or with `inward` the peer called the phone.

    Keywords are headers of the peer's INVITE, or of its 200 to ours.
    """

    def __init__(self, inward=False, **headers):
        self.network = Network()
        self.phone = Phone(self.network, "alice", "192.0.2.1", answers="answers")
        self.peer = Peer(self.network)
        self.sequence = 10  # of the peer's latest request
        if inward:
            self.invite = self.peer.request(
                "INVITE", "sip:alice@192.0.2.1", ALICE, body=description(), **headers
            )
            self.network.settle()
            self.ok = self.peer.take(200)
            self.tag = self.ok.to.tag
            self.call_id = self.invite.call_id
            self.request("ACK", 1)
        else:
            self.phone.call("sip:peer@192.0.2.99")
            self.network.settle()
            self.invite = self.peer.take("INVITE")
            self.ok = self.peer.respond(self.invite, 200, body=description(), **headers)
            self.call_id = self.invite.call_id
            self.tag = self.invite.from_.tag
        self.network.settle()
        self.session = self.phone.session
        assert self.session.state == "established"
        self.phone.names()
        self.peer.kinds()

    def request(self, method, sequence, body=b"", **headers):
        return self.peer.request(
            method, "sip:alice@192.0.2.1", ALICE, self.call_id, sequence, self.tag, body, **headers
        )

    def next(self, method, body=b"", **headers):
        """Send the peer's next request."""
        self.sequence += 1
        return self.request(method, self.sequence, body, **headers)

    def settle(self):
        self.network.settle()
        return self.peer.kinds()

    def ask(self, what, method="INVITE"):
        """Call `what(now)`; returns the request that the phone sends."""
        what(self.network.now)
        self.network.settle()
        return self.peer.take(method)

    def modify(self, direction):
        return self.ask(lambda now: self.session.modify(direction, now))
