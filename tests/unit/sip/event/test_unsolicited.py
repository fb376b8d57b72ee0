"""NOTIFYs without a subscription: from the account's server they are taken, from strangers not."""

# micropython-heap: 256k: a network and both its ends live in one process

from sip.notices import MessagesWaiting, ProvisioningRequested
from sip.syntax import uri
from support.network import Network
from support.phones import Peer, Phone

ALICE = ("192.0.2.1", 5060)


class Scene:
    """Alice's proxy is the peer, so what it sends is from her server; `stranger` is somebody else."""

    def __init__(self):
        self.network = Network()
        self.phone = Phone(self.network, "alice", "192.0.2.1", proxy=uri.parse("sip:192.0.2.99"))
        self.server = Peer(self.network)
        self.stranger = Peer(self.network, "stranger", "192.0.2.66")

    def notify(self, event, body=b"", peer=None, **headers):
        """The status of the answer to a NOTIFY; None where there is none."""
        peer = peer or self.server
        if body:
            headers.setdefault("Content_Type", "application/simple-message-summary")
        self.number = getattr(self, "number", 0) + 1
        peer.request(
            "NOTIFY",
            "sip:alice@192.0.2.1",
            ALICE,
            "notify-%d" % self.number,
            Event=event,
            body=body,
            **headers,
        )
        self.network.settle()
        return peer.take().status if peer.received else None


def test_check_sync():
    scene = Scene()
    for event, reboot in (
        ("check-sync", None),
        ("check-sync;reboot=true", True),
        ("Check-Sync;Reboot=FALSE", False),
        ("check-sync;reboot=perhaps", None),
    ):
        assert scene.notify(event) == 200
        told = scene.phone.take(ProvisioningRequested)
        assert [(each.account, each.package, each.reboot, each.url) for each in told] == [
            (scene.phone.account, "check-sync", reboot, None)
        ], event


def test_a_stranger_starts_nothing():
    scene = Scene()
    for event in ("check-sync;reboot=true", "ua-profile", "message-summary"):
        assert scene.notify(event, peer=scene.stranger) == 403
    assert not scene.phone.names() and scene.phone.endpoint.counters["notify_from_stranger"] == 3


def test_a_profile_is_where_it_says():
    scene = Scene()
    for content, status, url in (
        (None, 200, None),
        (
            'message/external-body; access-type="URL"; URL="https://example.com/a?b=c"',
            200,
            "https://example.com/a?b=c",
        ),
        ('message/external-body; access-type="URL"; URL="ftp://example.com/a"', 400, None),
        ('message/external-body; access-type="URL"; URL="http://example.com/' + "a" * 300 + '"', 400, None),
        ('message/external-body; access-type="URL"; URL="http://exam ple"', 400, None),
        ("text/plain", 200, None),
    ):
        assert scene.notify("ua-profile", Content_Type=content) == status, content
        assert [each.url for each in scene.phone.take(ProvisioningRequested)] == (
            [url] if status == 200 else []
        )


def test_mailbox():
    scene = Scene()
    assert scene.notify("message-summary", b"Messages-Waiting: yes\r\nVoice-Message: 2/8 (1/0)\r\n") == 200
    summary = scene.phone.take(MessagesWaiting)[0].summary
    assert (summary.waiting, summary.new, summary.old, summary.urgent) == (True, 2, 8, 1)
    assert scene.notify("message-summary", b"Voice-Message: x/8\r\n") == 400
    assert not scene.phone.names()


def test_what_nobody_asked_for():
    scene = Scene()
    assert scene.notify("dialog") == 481
    assert scene.notify(None) == 400


def test_the_server_is_where_the_account_is_registered():
    scene = Scene()
    scene.phone.account.proxy = None
    assert scene.notify("check-sync") == 403
    scene.phone.account.registrar = uri.parse("sip:192.0.2.99")
    scene.phone.register()
    scene.network.settle()
    register = scene.server.take("REGISTER")
    assert scene.notify("check-sync") is None  # it has not said that it is ours
    scene.server.respond(register, 200, Contact=str(register.contacts[0]))
    scene.network.settle()
    assert scene.notify("check-sync") == 200
    assert scene.notify("check-sync", peer=scene.stranger) is None
    scene.phone.user_agent.trust.strangers = "answer"
    assert scene.notify("check-sync", peer=scene.stranger) == 403
