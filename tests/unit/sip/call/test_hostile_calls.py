"""Rubbish in what extensions brought into calls: answered or dropped, and the call goes on."""

# micropython-heap: 1M: a network and both its ends live in one process, call after call, request after request

from support.descriptions import description
from support.talk import ALICE, Talk

RUBBISH = ("", ";", '"', "x y z", "99999999999999999999", "\xff", "sip:")
HEADERS = (
    "Session-Expires",
    "Min-SE",
    "RAck",
    "RSeq",
    "Require",
    "Supported",
    "Allow",
    "Replaces",
    "Join",
    "Reason",
    "Refer-To",
    "Referred-By",
    "Event",
    "Subscription-State",
    "P-Asserted-Identity",
    "Privacy",
    "Diversion",
    "History-Info",
    "Contact",
)


def disturbed(talk):
    return talk.phone.endpoint.counters.get("internal_errors")


def test_requests_within_a_call():
    for method in ("INVITE", "UPDATE", "PRACK", "REFER", "NOTIFY", "OPTIONS"):
        for header in HEADERS:
            talk = Talk()
            for value in RUBBISH:
                if header == "Contact" and method == "INVITE":
                    continue
                talk.next(method, **{header.replace("-", "_"): value})
                talk.network.settle(20)
                final = [each.status for each in talk.peer.received if getattr(each, "status", 0) >= 200]
                assert final, (method, header, value)
                if method == "INVITE" and final == [200]:
                    talk.request("ACK", talk.sequence, description(version=talk.sequence))
                    talk.network.settle(20)
                talk.peer.received = []
                assert talk.session.state == "established" and not disturbed(talk), (method, header, value)


def test_requests_that_begin_a_call():
    for header in HEADERS:
        for value in RUBBISH:
            talk = Talk()
            talk.phone.answers = "rings"
            talk.peer.request(
                "INVITE",
                "sip:alice@192.0.2.1",
                ALICE,
                "call-2",
                1,
                None,
                description(),
                **{header.replace("-", "_"): value},
            )
            talk.network.settle(20)
            assert talk.peer.received and not disturbed(talk), (header, value)
            assert talk.phone.user_agent.sessions[0].state == "established"


def test_responses():
    for header in HEADERS:
        for value in RUBBISH:
            for status in (183, 200, 302, 422, 486, 500):
                talk = Talk()
                talk.phone.call("sip:bob@192.0.2.99")
                talk.network.settle(20)
                more = {header.replace("-", "_"): value}
                if header != "Require" and status == 183:
                    more["Require"] = "100rel"
                talk.peer.respond(talk.peer.take("INVITE"), status, "new", description(), **more)
                talk.network.settle(20)
                assert not disturbed(talk) and talk.phone.user_agent.sessions[0].state == "established"
