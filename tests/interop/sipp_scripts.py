"""Scripts for SIPp, put together from steps: what it says, what it must hear, in which order.

SIPp fails a call in which anything else comes. A second call with the same peer has "2///" before its Call-ID: what
stands before the slashes does not count when SIPp finds the call that a message is of.
"""

from xml.sax.saxutils import quoteattr

SDP = """v=0
o=sipp 1 {version} IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a={direction}
"""
OURS = "<sip:sipp@[local_ip]:[local_port]>"


def _send(lines, body, repeat):
    text = "\n".join([*lines, "Content-Length: [len]" if body else "Content-Length: 0", "", body])
    return ('<send retrans="500">' if repeat else "<send>") + f"<![CDATA[\n{text}\n]]></send>"


def sdp(direction="sendrecv", version=1):
    return SDP.format(direction=direction, version=version)


def request(method, sequence, *headers, body="", within=True, call="", answers=False, cseq_method=None):
    """A request of SIPp's, which began the call; `within` the dialog. With `answers` it is an ACK of a rejection."""
    lines = [
        f"{method} {'[next_url]' if within else 'sip:[service]@[remote_ip]:[remote_port]'} SIP/2.0",
        "[last_Via:]" if answers else "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
        f"From: <sip:sipp@[local_ip]:[local_port]>;tag=[call_number]{call[:1]}",
        "[last_To:]"
        if answers
        else "To: <sip:[service]@[remote_ip]:[remote_port]>" + ("[peer_tag_param]" if within else ""),
        f"Call-ID: {call}[call_id]",
        f"CSeq: {sequence} {cseq_method or method}",
        "Max-Forwards: 70",
        f"Contact: {OURS}",
        *headers,
    ]
    if body:
        lines.append("Content-Type: application/sdp")
    return _send(lines, body, method != "ACK")


def ack(sequence, body="", call=""):
    return request("ACK", sequence, body=body, call=call)


def ack_refusal(sequence):
    return request("ACK", sequence, within=False, answers=True)


def response(status, *headers, body="", tag=None, repeat=False):
    """A response of SIPp's to the latest request; `tag` where that had none in To."""
    lines = [
        f"SIP/2.0 {status} Said",
        "[last_Via:]",
        "[last_From:]",
        "[last_To:]" + (f";tag={tag}" if tag else ""),
        "[last_Call-ID:]",
        "[last_CSeq:]",
        f"Contact: {OURS}",
        *headers,
    ]
    if body:
        lines.append("Content-Type: application/sdp")
    return _send(lines, body, repeat)


def hears(what, *actions, optional=False, routes=False):
    """A status, or a method that must come; `actions` are what is looked for in it."""
    kind = "response" if what.isdigit() else "request"
    extra = ' optional="true"' if optional else ""
    extra += ' rrs="true"' if routes or what == "INVITE" else ""
    if not actions:
        return f'<recv {kind}="{what}"{extra}/>'
    return f'<recv {kind}="{what}"{extra}><action>{"".join(actions)}</action></recv>'


def has(header, pattern, keep=None):
    """The header's value must hold the pattern; it is kept under a name."""
    name = keep or "seen_" + header.lower().replace("-", "_")
    return f'<ereg regexp={quoteattr(pattern)} search_in="hdr" header="{header}:" check_it="true" assign_to="{name}"/>'


def pause(ms):
    return f'<pause milliseconds="{ms}"/>'


def script(*steps):
    """The scenario as XML."""
    text = "\n".join(steps)
    names = sorted({part.split('"')[0] for part in text.split('assign_to="')[1:]})
    unused = f'<Reference variables="{",".join(names)}"/>' if names else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="bakelite">\n{text}\n{unused}\n</scenario>\n'
    )


# What a response to this INVITE takes that is not sent at once.
KEPT = (has("Via", ".+", "via"), has("From", ".+", "from"), has("To", ".+", "to"), has("CSeq", ".+", "cseq"))


def kept_response(status, tag=None, body=""):
    """A response to the INVITE whose headers were KEPT."""
    lines = [
        f"SIP/2.0 {status} Said",
        "Via:[$via]",
        "From:[$from]",
        "To:[$to]" + (f";tag={tag}" if tag else ""),
        "Call-ID: [call_id]",
        "CSeq:[$cseq]",
        f"Contact: {OURS}",
    ]
    return _send(lines + (["Content-Type: application/sdp"] if body else []), body, True)


BEGINS = (
    request("INVITE", 1, body=sdp(), within=False),
    hears("100", optional=True),
    hears("180", optional=True),
)
ANSWERED = (*BEGINS, hears("200", routes=True), ack(1))
HANGS_UP = (request("BYE", 9), hears("200"))
IS_LEFT = (hears("ACK"), hears("BYE"), response(200))

# name: (script, whether SIPp calls)
SCRIPTS = {
    # RFC 3262, both ways
    "prack_uac": (
        script(
            request("INVITE", 1, "Require: 100rel", body=sdp(), within=False),
            hears("100", optional=True),
            hears("180", has("RSeq", "[0-9]+", "rseq"), has("Require", "100rel"), routes=True),
            request("PRACK", 2, "RAck: [$rseq] 1 INVITE"),
            hears("200"),
            hears("200", routes=True),
            ack(1),
            *HANGS_UP,
        ),
        True,
    ),
    "prack_uas": (
        script(
            hears("INVITE", has("Supported", "100rel"), *KEPT),
            response(183, "Require: 100rel", "RSeq: 7", body=sdp(), tag="a"),
            hears("PRACK", has("RAck", "7 [0-9]+ INVITE")),
            response(200),
            kept_response(200, "a"),
            *IS_LEFT,
        ),
        False,
    ),
    # RFC 3311
    "update_uac": (
        script(
            *ANSWERED,
            request("UPDATE", 2, body=sdp("sendonly", 2)),
            hears("200", has("Content-Type", "application/sdp")),
            request("UPDATE", 3),
            hears("200"),
            *HANGS_UP,
        ),
        True,
    ),
    # RFC 4028: too short; as refreshee; and what our refresh looks like
    "timer_uac": (
        script(
            request("INVITE", 1, "Session-Expires: 20", "Supported: timer", body=sdp(), within=False),
            hears("100", optional=True),
            hears("422", has("Min-SE", "90")),
            ack_refusal(1),
            request(
                "INVITE",
                2,
                "Session-Expires: 90;refresher=uac",
                "Min-SE: 90",
                "Supported: timer",
                body=sdp(),
                within=False,
            ),
            hears("100", optional=True),
            hears("180", optional=True),
            hears("200", has("Session-Expires", "90;refresher=uac"), has("Require", "timer"), routes=True),
            ack(2),
            request("UPDATE", 3, "Session-Expires: 90;refresher=uac", "Supported: timer"),
            hears("200", has("Session-Expires", "90;refresher=uac")),
            *HANGS_UP,
        ),
        True,
    ),
    "timer_uas": (
        script(
            hears("INVITE", has("Session-Expires", "1800")),
            response(422, "Min-SE: 2400", tag="a"),
            hears("ACK"),
            hears("INVITE", has("Session-Expires", "2400"), has("Min-SE", "2400")),
            response(
                200,
                "Session-Expires: 2400;refresher=uac",
                "Require: timer",
                "Supported: timer",
                "Allow: INVITE, UPDATE, BYE, ACK",
                body=sdp(),
                tag="b",
                repeat=True,
            ),
            hears("ACK"),
            hears("UPDATE", has("Session-Expires", "2400")),
            response(200, "Session-Expires: 2400;refresher=uac", "Require: timer"),
            hears("BYE"),
            response(200),
        ),
        False,
    ),
    # RFC 3264 by RFC 3261 §13.2.1: the offer is in the 2xx
    "late_offer_uac": (
        script(
            request("INVITE", 1, within=False),
            hears("100", optional=True),
            hears("180", optional=True),
            hears("200", has("Content-Type", "application/sdp"), routes=True),
            ack(1, sdp()),
            *HANGS_UP,
        ),
        True,
    ),
    "late_offer_uas": (
        script(
            hears("INVITE"),
            response(180, tag="a"),
            response(200, body=sdp(), tag="a", repeat=True),
            hears("ACK", has("Content-Type", "application/sdp")),
            hears("BYE"),
            response(200),
        ),
        False,
    ),
    # RFC 3261 §13.2.2.4: two phones ring, both answer; the later one is thanked and left
    "fork_uas": (
        script(
            hears("INVITE", *KEPT),
            response(180, tag="a"),
            response(180, tag="b"),
            response(200, body=sdp(), tag="b", repeat=True),
            hears("ACK"),
            kept_response(200, "a", sdp()),
            hears("ACK", has("To", "tag=a", "late")),
            hears("BYE", has("To", "tag=a", "left")),
            response(200),
            hears("BYE", has("To", "tag=b", "last")),
            response(200),
        ),
        False,
    ),
    # RFC 3261 §14.1: both offer at once; each says 491, and we come again
    "glare_uac": (
        script(
            *ANSWERED,
            hears("INVITE", *KEPT),
            request("INVITE", 2, body=sdp("sendrecv", 2)),
            hears("491"),
            ack_refusal(2).replace("sip:[service]@[remote_ip]:[remote_port] SIP", "[next_url] SIP"),
            kept_response(491),
            hears("ACK"),
            hears("INVITE"),
            response(200, body=sdp("recvonly", 3), repeat=True),
            hears("ACK"),
            hears("BYE"),
            response(200),
        ),
        True,
    ),
    # RFC 3261 §8.1.3.4
    "redirect_uas": (
        script(
            hears("INVITE"),
            response(302, tag="a").replace(
                f"Contact: {OURS}", "Contact: <sip:other@[local_ip]:[local_port]>"
            ),
            hears("ACK"),
            hears("INVITE", has("To", "service")),
            response(180, tag="b"),
            response(200, body=sdp(), tag="b", repeat=True),
            *IS_LEFT,
        ),
        False,
    ),
    # RFC 3891, towards us: the second call takes the place of the first
    "replaces_uac": (
        script(
            *BEGINS,
            hears("200", has("To", "tag=([^;]+)", "whole"), routes=True),
            ack(1),
            pause(100),
            # "whole" is `tag=…`
            request(
                "INVITE",
                1,
                "Replaces: [call_id];to-[$whole];from-tag=[call_number]",
                "Require: replaces",
                body=sdp(),
                within=False,
                call="2///",
            ),
            hears("100", optional=True),
            hears("180", optional=True),
            hears("200", routes=True),
            ack(1, call="2///"),
            hears("BYE"),
            response(200),
            request("BYE", 2, call="2///"),
            hears("200"),
        ),
        True,
    ),
    # RFC 5589 §7, we are the transferee: sent to the target with Replaces, progress by NOTIFY
    "transfer_uac": (
        script(
            *ANSWERED,
            pause(100),
            request(
                "REFER",
                2,
                "Refer-To: <sip:target@[local_ip]:[$port]?Replaces=abc%3Bto-tag%3Dt1%3Bfrom-tag%3Df1>".replace(
                    "[$port]", "TARGET"
                ),
                "Referred-By: <sip:sipp@[local_ip]>",
            ),
            hears("202"),
            hears("NOTIFY", has("Subscription-State", "active", "s1"), has("Event", "refer", "e1")),
            response(200),
            hears("NOTIFY", has("Subscription-State", "terminated", "s2")),
            response(200),
            *HANGS_UP,
        ),
        True,
    ),
    "transfer_target_uas": (
        script(
            hears("INVITE", has("Replaces", "abc;to-tag=t1;from-tag=f1"), has("Referred-By", "sipp")),
            response(200, body=sdp(), tag="a", repeat=True),
            *IS_LEFT,
        ),
        False,
    ),
}
