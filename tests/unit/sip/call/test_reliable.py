"""Reliable provisional responses and UPDATE (RFC 3262, RFC 3311), against a peer played by hand."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.agent.capabilities import EXTENSIONS
from sip.call import sdp
from sip.call.events import Ended, Established, MediaChanged, Progress
from support.descriptions import description
from support.network import Network
from support.phones import Peer, Phone

ALICE = ("192.0.2.1", 5060)
TARGET = "sip:alice@192.0.2.1"


class Calling:
    """The phone calls the peer."""

    def __init__(self, late_offer=False):
        self.network = Network()
        self.phone = Phone(self.network, "alice", "192.0.2.1")
        self.peer = Peer(self.network)
        self.session = self.phone.call("sip:peer@192.0.2.99", late_offer)
        self.network.settle()
        self.invite = self.peer.take("INVITE")

    def say(self, status, sequence=None, body=b"", tag="theirs"):
        reliably = {} if sequence is None else {"Require": "100rel", "RSeq": sequence}
        self.peer.respond(self.invite, status, tag, body, Allow="INVITE, ACK, UPDATE", **reliably)
        self.network.settle()

    def ask(self, method, sequence, body=b"", **headers):
        invite = self.invite
        self.peer.request(
            method,
            TARGET,
            ALICE,
            invite.call_id,
            sequence,
            invite.from_.tag,
            body,
            Contact="<sip:peer@192.0.2.99>",
            **headers,
        )
        self.network.settle()
        return self.peer.take()


class Called:
    """The peer calls the phone."""

    def __init__(self, body=None, **headers):
        self.network = Network()
        self.phone = Phone(self.network, "alice", "192.0.2.1", answers=None)
        self.peer = Peer(self.network)
        body = description() if body is None else body
        self.invite = self.peer.request("INVITE", TARGET, ALICE, body=body, **headers)
        self.network.settle()
        self.session = self.phone.session
        self.tag = ""

    def ring(self, media=None):
        self.phone.ring(media)
        self.network.settle()
        response = self.peer.take(180 if media is None else 183)
        self.tag = response.to.tag
        return response

    def ask(self, method, sequence, body=b"", **headers):
        self.peer.request(method, TARGET, ALICE, self.invite.call_id, sequence, self.tag, body, **headers)
        self.network.settle()

    def prack(self, response, sequence=2, body=b""):
        self.ask("PRACK", sequence, body, RAck="%s %s" % (response.get("RSeq"), response.get("CSeq")))

    def update(self, sequence, body):
        self.ask("UPDATE", sequence, body, Contact="<sip:peer@192.0.2.99>")
        return self.peer.take()


# As UAC


def test_we_offer_it():
    assert "100rel" in Calling().invite.all("Supported") and "100rel" in EXTENSIONS


def test_a_reliable_answer_is_acknowledged_and_holds():
    call = Calling()
    call.say(183, 7, description(port=7000))
    prack = call.peer.take("PRACK")
    assert prack.get("RAck") == "7 1 INVITE" and prack.to.tag == "theirs" and not prack.body
    assert prack.cseq.number == 2
    call.peer.respond(prack, 200)
    assert call.session.media.remote[1] == 7000
    call.say(200)
    assert call.peer.take("ACK").body == b"" and call.session.state == "established"
    assert len(call.phone.take(MediaChanged)) == 1 and call.phone.take(Established)


def test_in_order_and_once():
    # (what comes, what is acknowledged)
    for sequences, taken in (
        ((5, 6, 7), ["5", "6", "7"]),
        ((5, 5, 6), ["5", "6"]),
        ((5, 7, 6, 7), ["5", "6", "7"]),
        ((5, 4, 6), ["5", "6"]),
    ):
        call = Calling()
        for sequence in sequences:
            call.say(180, sequence)
        pracks = [each.get("RAck").split()[0] for each in call.peer.received]
        assert pracks == taken, sequences
        assert len(call.phone.take(Progress)) == len(taken)


def test_each_fork_counts_by_itself():
    call = Calling()
    for tag, sequence in (("one", 5), ("two", 9), ("one", 6), ("two", 10)):
        call.say(180, sequence, tag=tag)
        prack = call.peer.take("PRACK")
        assert (prack.to.tag, prack.get("RAck").split()[0]) == (tag, str(sequence))


def test_an_offer_in_a_reliable_response_is_answered_in_the_prack():
    call = Calling(late_offer=True)
    call.say(183, 1, description(formats="8 101"))
    prack = call.peer.take("PRACK")
    assert sdp.parse(prack.body).media[0].formats == ["8", "101"]
    call.peer.respond(prack, 200)
    call.say(200)
    assert call.peer.take("ACK").body == b"" and call.session.media.codec == "PCMA"


def test_rubbish_in_rseq_and_nothing_worse():
    for sequence in ("", "x", "-1", "99999999999999999999", "1 2"):
        call = Calling()
        call.say(183, sequence, description())
        assert call.peer.kinds() == [] and call.session.state == "calling", sequence
        call.say(200, None, description())
        assert call.session.state == "established"


# As UAS


def test_reliably_only_where_asked_for_or_where_it_matters():
    # (headers of the INVITE, with media, reliably)
    for headers, with_media, reliably in (
        ({}, True, False),
        ({"Supported": "100rel"}, False, False),
        ({"Supported": "timer, 100REL"}, True, True),
        ({"Require": "100rel"}, False, True),
        ({"Require": "100rel"}, True, True),
    ):
        call = Called(**headers)
        response = call.ring(call.phone.media if with_media else None)
        assert (response.get("RSeq") is not None) == reliably, headers
        assert (response.get("Require") == "100rel") == reliably
        call.network.run(3600)
        # T1, 2*T1 and 4*T1 later
        assert len(call.peer.received) == (3 if reliably else 0), headers


def test_prack_ends_the_repeating():
    call = Called(Require="100rel")
    ringing = call.ring()
    call.prack(ringing)
    assert call.peer.kinds() == [200]
    call.network.run(20_000)
    assert call.peer.kinds() == []
    call.phone.accept()
    call.network.settle()
    assert call.peer.take(200).body


def test_pracks_that_fit_nothing():
    # (RAck, status)
    call = Called(Require="100rel")
    sequence = int(call.ring().get("RSeq"))
    for at, (rack, status) in enumerate(
        (
            (None, 400),
            ("x 1 INVITE", 400),
            ("%d" % sequence, 400),
            ("%d 1 INVITE" % (sequence + 1), 481),
            ("%d 2 INVITE" % sequence, 481),
            ("%d 1 OPTIONS" % sequence, 481),
            ("%d 1 INVITE" % sequence, 200),
            ("%d 1 INVITE" % sequence, 481),
        )
    ):
        call.ask("PRACK", 10 + at, RAck=rack)
        assert call.peer.take(status), rack
    call.phone.accept()
    call.network.settle()


def test_the_next_response_waits_for_the_prack():
    call = Called(Require="100rel")
    first = call.ring()
    call.phone.ring(call.phone.media)
    call.network.settle()
    assert call.peer.kinds() == []
    call.prack(first)
    call.peer.take(200)
    second = call.peer.take(183)
    assert int(second.get("RSeq")) == int(first.get("RSeq")) + 1 and second.body


def test_the_answer_waits_for_the_prack_of_the_description():
    call = Called(Supported="100rel")
    progress = call.ring(call.phone.media)
    call.phone.accept()
    call.network.settle()
    assert call.session.state == "answering" and call.peer.kinds() == []
    call.prack(progress)
    call.peer.take(200)
    ok = call.peer.take(200)
    assert ok.cseq.method == "INVITE" and not ok.body and call.session.state == "accepted"


def test_hung_up_while_the_answer_waits():
    for what, sent in (("end", 480), ("reject", 603), ("cancel", 487)):
        call = Called(Supported="100rel")
        call.ring(call.phone.media)
        call.phone.accept()
        if what == "cancel":
            call.peer.request("CANCEL", TARGET, ALICE, call.invite.call_id, branch=call.invite.via.branch)
        elif what == "end":
            call.phone.end()
        else:
            call.session.reject(sent, call.network.now)
        call.network.settle()
        assert call.peer.kinds()[-1] == sent and call.session.state == "ended"


def test_nobody_acknowledges():
    call = Called(Require="100rel")
    call.ring()
    call.network.run(40_000)
    kinds = call.peer.kinds()
    assert kinds[:6] == [180] * 6 and 504 in kinds
    assert call.phone.take(Ended)[0].status == 504


def test_our_offer_in_a_reliable_response():
    call = Called(b"", Supported="100rel")
    progress = call.ring(call.phone.media)
    assert sdp.parse(progress.body).media[0].formats == ["0", "8", "101"]
    call.prack(progress, 2, description(formats="8"))
    call.peer.take(200)
    assert call.session.media.codec == "PCMA"
    call.phone.accept()
    call.network.settle()
    assert not call.peer.take(200).body


def test_an_answer_in_the_prack_that_is_none():
    call = Called(b"", Supported="100rel")
    call.prack(call.ring(call.phone.media), 2, b"")
    assert call.peer.kinds() == [200, 488] and call.phone.take(Ended)


def test_an_offer_in_the_prack():
    call = Called(Supported="100rel")
    call.prack(call.ring(call.phone.media), 2, description(port=7002, version=2))
    ok = call.peer.take(200)
    assert ok.body and call.session.media.remote[1] == 7002


# UPDATE


def test_update_in_an_early_dialog_of_ours():
    call = Calling()
    call.say(180)
    assert call.ask("UPDATE", 1, description()).status == 491
    call.say(183, 1, description())
    call.peer.kinds()
    ok = call.ask("UPDATE", 2, description(direction="sendonly", version=2))
    assert ok.status == 200 and sdp.parse(ok.body).media[0].direction == "recvonly" and ok.contacts
    assert call.session.media.held
    assert call.ask("UPDATE", 3, b"").body == b""


def test_update_in_an_early_dialog_of_theirs():
    call = Called(Supported="100rel")
    call.phone.ring()
    call.network.settle()
    call.tag = call.peer.take(180).to.tag
    postponed = call.update(2, description(version=2))
    assert postponed.status == 500 and 0 <= postponed.retry_after <= 10
    call.prack(call.ring(call.phone.media), 3)
    call.peer.take(200)
    ok = call.update(4, description(port=7004, version=2))
    assert ok.status == 200 and ok.body and call.session.media.remote[1] == 7004
    assert call.update(5, description(formats="18", version=3)).status == 488
    assert call.update(6, b"rubbish").status == 400
    assert call.session.state == "ringing"


def test_update_outside_of_any_dialog():
    call = Called()
    call.tag = "unknown"
    assert call.update(2, description()).status == 481


def test_only_an_answer_that_was_acknowledged_stands():
    call = Calling()
    call.say(180, 1)
    call.peer.respond(call.peer.take("PRACK"), 200)
    call.peer.respond(call.invite, 183, body=description("192.0.2.50", 7000))
    call.network.settle()
    assert call.session.media.remote == ("192.0.2.50", 7000)
    call.peer.respond(call.invite, 200, body=description("192.0.2.60", 8000, "8", version=2))
    call.network.settle()
    assert call.session.state == "established" and call.session.media.remote == ("192.0.2.60", 8000)


def test_a_reliable_answer_replaces_a_preview():
    call = Calling()
    call.peer.respond(call.invite, 183, body=description("192.0.2.50", 7000))
    call.network.settle()
    call.say(183, 1, description("192.0.2.60", 8000, version=2))
    assert call.peer.take("PRACK") and call.session.media.remote == ("192.0.2.60", 8000)
    # The answer is given: a further description is none, in whatever response.
    call.say(183, 2, description("192.0.2.70", 9000, version=3))
    call.peer.respond(call.invite, 200, body=description("192.0.2.80", 9000, version=4))
    call.network.settle()
    assert call.session.state == "established" and call.session.media.remote == ("192.0.2.60", 8000)
