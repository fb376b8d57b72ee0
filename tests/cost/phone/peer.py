"""The other side of a phone under measurement: a registrar and a caller in as few objects as possible.

Its answers are fixed, it checks no digest, and it keeps only the state of the present call.
"""

import socket

PORT = 5060

_SDP = """v=0
o=- 1 1 IN IP4 192.0.2.100
s=-
c=IN IP4 192.0.2.100
t=0 0
m=audio 20000 RTP/AVP 8 0 9 18 101
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:9 G722/8000
a=rtpmap:18 G729/8000
a=fmtp:18 annexb=no
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
a=sendrecv
""".replace("\n", "\r\n")

# As a PBX sends it, with all that a PBX adds.
_INVITE = """INVITE sip:201@192.0.2.1:5060 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bK-i%d;rport
Record-Route: <sip:192.0.2.100:5060;lr;ftag=c%d>
Max-Forwards: 69
From: "Ada Lovelace" <sip:202@example.com>;tag=c%d
To: <sip:201@example.com>
Call-ID: call-%d@192.0.2.100
CSeq: 102 INVITE
Contact: <sip:202@192.0.2.100:5060>
User-Agent: Exchange PBX 20.5.0
Date: Thu, 01 Jan 2026 00:00:00 GMT
Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, PUBLISH, MESSAGE
Supported: replaces, timer
P-Asserted-Identity: "Ada Lovelace" <sip:202@example.com>
Content-Type: application/sdp
Content-Length: %d

%s"""

_IN_DIALOG = """%s %s SIP/2.0
Via: SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bK-%s%d;rport
Max-Forwards: 70
From: "Ada Lovelace" <sip:202@example.com>;tag=c%d
To: %s
Call-ID: call-%d@192.0.2.100
CSeq: %d %s
Content-Length: 0

"""

_CHALLENGE = 'Digest realm="example.com", nonce="abcdef", algorithm=SHA-256, qop="auth"'


def _lines(text):
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def _header(text, name):
    at = text.find("\r\n" + name + ": ")
    if at < 0:
        return ""
    at += len(name) + 4
    return text[at : text.find("\r\n", at)]


class Peer:
    """`statuses`: of the responses to the present INVITE. `requests`: {method: how many arrived}."""

    def __init__(self):
        self.number = 0
        self.statuses = []
        self.requests = {}
        self.packets = 0
        self._to = ""
        self._contact = ""
        socket.peer[0] = self.receive

    def invite(self):
        """Start a call to the phone; returns the INVITE's datagram, not sent yet."""
        self.number += 1
        self.statuses = []
        number = self.number
        return _lines(_INVITE % (number, number, number, number, len(_SDP), _SDP))

    def call(self):
        socket.give(PORT, self.invite())

    def hang_up(self):
        self._send("BYE", 103)

    def receive(self, data, port):
        """Take a datagram that the phone sent from `port`."""
        if port != PORT:
            self.packets += 1
            return
        text = str(data, "utf-8")
        if not text.strip():
            return  # a keep-alive
        if text.startswith("SIP/2.0 "):
            self._on_response(text)
        else:
            self._on_request(text)

    def _on_response(self, text):
        status = int(text[8:11])
        if "INVITE" in _header(text, "CSeq"):
            self.statuses.append(status)
            if status == 200:
                self._to = _header(text, "To")
                contact = _header(text, "Contact")
                self._contact = contact[contact.find("<") + 1 : contact.find(">")]
                self._send("ACK", 102)

    def _on_request(self, text):
        method = text[: text.find(" ")]
        self.requests[method] = self.requests.get(method, 0) + 1
        if method == "REGISTER":
            if _header(text, "Authorization"):
                self._reply(text, "200 OK", "Contact: %s;expires=3600\n" % _header(text, "Contact"))
            else:
                self._reply(text, "401 Unauthorized", "WWW-Authenticate: %s\n" % _CHALLENGE)
        elif method != "ACK":
            self._reply(text, "200 OK", "")

    def _reply(self, text, status, more):
        end = text.find("\r\n\r\n")
        copied = [
            line
            for line in text[:end].split("\r\n")
            if line.startswith(("Via:", "From:", "To:", "Call-ID:", "CSeq:"))
        ]
        copied = "\n".join(copied).replace(
            "\nCall-ID", ";tag=r\nCall-ID" if "To: <sip:201@example.com>\n" in text else "\nCall-ID"
        )
        socket.give(PORT, _lines("SIP/2.0 %s\n%s\n%sContent-Length: 0\n\n" % (status, copied, more)))

    def _send(self, method, cseq):
        number = self.number
        socket.give(
            PORT,
            _lines(
                _IN_DIALOG
                % (method, self._contact, method[0], number, number, self._to, number, cseq, method)
            ),
        )
