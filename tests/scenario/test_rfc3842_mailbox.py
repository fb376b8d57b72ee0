"""RFC 3842 §4: a mailbox that fills and is emptied, subscribed to and not."""

# micropython-heap: 1M: both ends and the network live in one process

from sip.agent.account import Account
from sip.event import message_summary
from sip.event.message_summary import Summary
from sip.event.subscriber import Subscriber
from sip.notices import MessagesWaiting, Notified
from sip.syntax import uri
from support.agents import StateAgent, Told
from support.network import Network
from support.phones import Peer, Phone
from support.worlds import storms

ALICE = "sip:alice@192.0.2.2"


def summary(new, old):
    waiting = "yes" if new else "no"
    text = "Messages-Waiting: %s\r\nMessage-Account: sip:alice@vmail.example.com\r\nVoice-Message: %d/%d (0/0)\r\n"
    return (text % (waiting, new, old)).encode()


class Scene:
    """Alice's phone asks the server of her mailbox; `known` is what it was told, newest last."""

    def __init__(self, network):
        self.network = network
        self.alice = Phone(network, "alice", "192.0.2.1", ALICE)
        package = Told("message-summary", message_summary.CONTENT_TYPE, summary(4, 8))
        self.server = StateAgent(network, "vmail", "192.0.2.2", Account(uri.parse(ALICE), None), package)
        self.subscriber = Subscriber(
            self.alice.user_agent,
            self.alice.account,
            self.alice.account.aor,
            package="message-summary",
            accept=message_summary.CONTENT_TYPE,
            expires=3600,
            now=network.now,
        )
        self.known = []

    def sees(self, new, old):
        def holds():
            self.known += [message_summary.parse(event.body) for event in self.alice.take(Notified)]
            return self.known and (self.known[-1].new, self.known[-1].old) == (new, old)

        self.network.run_until(holds, 300_000)


def test_the_flow_of_section_4():
    for network in [Network()] + list(storms(5, 6)):
        scene = Scene(network)
        scene.sees(4, 8)
        assert scene.known[-1].account == "sip:alice@vmail.example.com"
        scene.server.tell(summary(5, 8))
        scene.sees(5, 8)
        scene.server.tell(summary(0, 13))
        scene.sees(0, 13)
        assert not scene.known[-1].waiting
        scene.subscriber.unsubscribe(network.now)
        network.run(100_000)
        assert not scene.server.server.subscriptions or network.loss


def test_a_server_that_does_not_wait_to_be_asked():
    network = Network()
    alice = Phone(network, "alice", "192.0.2.1", proxy=uri.parse("sip:192.0.2.99"))
    server = Peer(network)
    for number, body in enumerate((summary(1, 0), summary(0, 1))):
        server.request(
            "NOTIFY",
            "sip:alice@192.0.2.1",
            ("192.0.2.1", 5060),
            "n%d" % number,
            Event="message-summary",
            Subscription_State="active",
            body=body,
            Content_Type=message_summary.CONTENT_TYPE,
        )
        network.settle()
        assert server.take().status == 200
    assert [event.summary for event in alice.take(MessagesWaiting)] == [
        Summary(True, "sip:alice@vmail.example.com", 1, 0),
        Summary(False, "sip:alice@vmail.example.com", 0, 1),
    ]
