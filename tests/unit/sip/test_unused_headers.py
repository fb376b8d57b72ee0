"""A header that a request does not need never makes it fail; one that it needs may be odd, and not ambiguous."""

# micropython-heap: 1M: a call for each damaged header

from support.descriptions import description
from support.network import Network
from support.phones import Peer, Phone

PHONE = ("192.0.2.1", 5060)
UNUSED = (
    "Date: Fri, 6 Feb 2018 21:44:18 CST",
    "Date:",
    "Contact: <sip:a b@@h",
    'Contact: "x <sip:a@h>',
    "Record-Route: <sip:h;lr",
    "Max-Forwards: many",
    "Max-Forwards: 5",
    "Expires: soon",
    'Subject: "',
    "Timestamp: ,,;",
    "no header at all",
    ": x",
    "Two Words: x",
    "User-Agent:",
    "Allow: ;;, (",
    'P-Asserted-Identity: "x <sip:a@h',
    "Session-Expires: ;;=",
    "Content-Disposition: ;",
    'Supported: ,,"',
)
# … which an INVITE needs, but nothing that only ends.
NEEDED_BY_OTHERS = (
    "Content-Type: application/sdp, text/plain",
    "Content-Length: 99",
    "Content-Length: x",
    "Content-Encoding: zip",
    "X: a\nY: b",
)


class Talk:
    """A phone in a call with a peer, who had begun it."""

    def __init__(self, answers="answers"):
        self.network = Network()
        self.phone = Phone(self.network, "alice", "192.0.2.1", answers=answers)
        self.peer = Peer(self.network)
        self.invite = self.peer.request("INVITE", "sip:alice@192.0.2.1", PHONE, body=description())
        self.network.settle()
        self.last = self.peer.received[-1]
        self.peer.received = []

    def send(self, method, sequence, *spoilt, **changed):
        lines = ["%s sip:alice@192.0.2.1 SIP/2.0" % method]
        values = {
            "Via": "SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKend%d" % sequence,
            "From": self.last.get("From"),
            "To": self.last.get("To"),
            "Call-ID": self.last.get("Call-ID"),
            "CSeq": "%d %s" % (sequence, method),
        }
        values.update(changed)
        lines += ["%s: %s" % (name.replace("_", "-"), value) for name, value in values.items()]
        self.peer.send(("\r\n".join(lines + list(spoilt)) + "\r\n\r\n").encode(), PHONE)
        self.network.settle()
        return self.peer.kinds()


def test_a_bye_ends_the_call_however_broken_what_it_does_not_need():
    for spoilt in UNUSED + NEEDED_BY_OTHERS:
        talk = Talk()
        assert talk.send("BYE", 9, spoilt) == [200] and talk.phone.session.state == "ended", spoilt


def test_of_who_sent_a_bye_the_tags_are_enough():
    for address in ("<sip:a b@h>", "sip:", '"x" sip:a@h', "<>", "<sip:a@[::>"):
        talk = Talk()
        theirs = address + ";tag=" + talk.last.from_.tag
        ours = address + ";tag=" + talk.last.to.tag
        # The answer has the same From and To: the peer cannot read it.
        talk.send("BYE", 9, From=theirs, To=ours)
        assert talk.phone.session.state == "ended", address
    talk = Talk()
    assert talk.send("BYE", 9, From="<sip:a@h>;tag=other") == [481]
    talk.send("BYE", 10, From="<sip:a@h>;tag=theirs x")
    assert talk.phone.session.state == "accepted" and talk.phone.endpoint.counters["malformed"] == 1


def test_a_cancel_needs_no_more_than_its_invite():
    for spoilt in UNUSED + NEEDED_BY_OTHERS:
        talk = Talk(answers="rings")
        via = {"Via": talk.last.get("Via").replace(";received=192.0.2.99", "")}
        kinds = talk.send("CANCEL", talk.last.cseq.number, spoilt, **via)
        assert 200 in kinds and 487 in kinds, (spoilt, kinds)


def test_an_invite_rings_though_what_nobody_reads_is_broken():
    for spoilt in UNUSED:
        if spoilt.startswith(("Contact", "Record-Route")):
            continue
        network = Network()
        Phone(network, "alice", "192.0.2.1")
        peer = Peer(network)
        peer.request("INVITE", "sip:alice@192.0.2.1", PHONE, body=description())
        octets = peer.unsend().to_bytes()
        peer.send(octets.replace(b"\r\n\r\n", b"\r\n" + spoilt.encode() + b"\r\n\r\n", 1), PHONE)
        network.settle()
        assert 180 in peer.kinds(), spoilt
