"""Digits by INFO, and what a peer says when it needs what we do not offer."""

# micropython-heap: 1M: a whole phone and the network live in one process

from support.descriptions import description
from support.desk import Office
from support.network import Network
from support.phones import Peer

PLAIN = "INVITE, ACK, BYE, CANCEL, INFO"


class Outgoing:
    def __init__(self, formats="0", allow=PLAIN, dtmf="auto"):
        self.network = Network()
        self.office = Office("201", network=self.network, register=False)
        self.desk = self.office.desks[0]
        self.desk.line.account.proxy = None
        self.desk.control.user_agent.add(self.desk.line.account)
        self.desk.control.preferences.dtmf = dtmf
        self.peer = Peer(self.network)
        self.desk.control.dial("sip:peer@192.0.2.99", self.network.now)
        self.office.run(100)
        self.invite = self.peer.take("INVITE")
        if formats:
            self.peer.respond(self.invite, 200, body=description(formats=formats), Allow=allow)
            self.office.run(300)
            self.peer.kinds()

    def press(self, digits):
        for digit in digits:
            assert self.desk.control.digit(digit, self.network.now), digit
        self.office.run(300)


def test_by_info_where_no_events_were_agreed_and_info_is_allowed():
    call = Outgoing()
    call.press("5#")
    first = call.peer.take("INFO")
    assert first.content_type == "application/dtmf-relay" and call.peer.kinds() == []
    assert first.body == b"Signal=5\r\nDuration=160\r\n"
    call.peer.respond(first, 200)
    call.office.run(300)
    second = call.peer.take("INFO")
    assert second.body.startswith(b"Signal=#\r") and second.cseq.number == first.cseq.number + 1
    call.peer.respond(second, 415)
    call.office.run(300)
    assert "Digits refused" in call.desk.screen()


def test_by_rtp_otherwise():
    for formats, allow, dtmf in (("0 101", PLAIN, "auto"), ("0", "INVITE, ACK", "auto"), ("0", PLAIN, "rtp")):
        call = Outgoing(formats, allow, dtmf)
        call.press("5")
        assert call.peer.kinds() == [], (formats, allow, dtmf)


def test_by_info_where_the_settings_say_so():
    call = Outgoing("0 101", "INVITE, ACK", "info")
    call.press("5")
    assert call.peer.take("INFO")


def test_digits_that_wait_are_bounded():
    call = Outgoing()
    sent = [call.desk.control.digit("1", call.network.now) for _ in range(60)]
    assert sent.count(True) == 33


def test_a_peer_that_wants_encryption_is_told_as_such():
    for status, headers, body, reason in (
        (488, {"Warning": '302 x "Incompatible transport protocol"'}, b"", "Encryption required"),
        (606, {}, description().replace(b"RTP/AVP", b"RTP/SAVP"), "Encryption required"),
        (488, {"Warning": '305 x "Incompatible media format"'}, b"", "No common codec"),
        (404, {"Warning": '302 x "Incompatible transport protocol"'}, b"", "Number not found"),
    ):
        call = Outgoing(formats=None)
        call.peer.respond(call.invite, status, body=body, **headers)
        call.office.run(300)
        assert call.desk.call.reason == reason, (status, headers)
