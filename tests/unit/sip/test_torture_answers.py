"""Messages of our own making that are hard to understand or meant to mislead, each into a whole element.

They cover every rule of RFC 4475, section by section, and of RFC 5118 for IPv6. Our rule where a choice is left: what can
be understood safely is accepted; what is ambiguous about who, where or how long is refused.
"""

# micropython-heap: 1M: a whole element for each message

from support.descriptions import description
from support.torture import into

VIA = "Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKx"
CALLER = "From: <sip:carol@example.net>;tag=c"
CALLEE = "To: <sip:alice@example.com>"
CONTACT = "Contact: <sip:carol@192.0.2.15>"


def message(line, *headers, body=b"", length=True, **changed):
    """A message; a keyword replaces (or with None leaves out) a header: `via`, `from_`, `to`, `call_id`, `cseq`."""
    method = line.split(" ")[0]
    lines = [line]
    for name, usual in (
        ("via", VIA),
        ("from_", CALLER),
        ("to", CALLEE),
        ("call_id", "Call-ID: t1"),
        ("cseq", "CSeq: 7 " + method),
        ("hops", "Max-Forwards: 70"),
    ):
        value = changed.get(name, usual)
        if value is not None:
            lines.append(value)
    lines += headers
    if length:
        lines.append("Content-Length: %d" % len(body))
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def invite(*headers, line="INVITE sip:alice@example.com SIP/2.0", body=None, **changed):
    headers = (CONTACT, "Content-Type: application/sdp") + headers
    return message(line, *headers, body=description() if body is None else body, **changed)


def options(*headers, line="OPTIONS sip:alice@example.com SIP/2.0", **changed):
    return message(line, *headers, **changed)


def register(*headers, **changed):
    changed.setdefault("to", "To: <sip:bob@example.com>")
    return message("REGISTER sip:example.com SIP/2.0", *headers, **changed)


# (section of RFC 4475, message, element, statuses answered, what is bound or listed)
ROWS = [
    # 3.1.1.1 blanks wherever they may stand, folds, names in any case
    (
        "3.1.1.1",
        invite(
            "\r\n".join(("M-Odd : x,y", "  z", "SUBJECT:", "s2 :", " folded")),
            from_='fRoM  :"C \\\\\\" D"   <sip:carol@example.net>\r\n ;\r\n  TAG \t=  c',
            via="v :SIP  / 2.0\r\n / UDP\r\n\t192.0.2.15 ;branch = z9hG4bKy",
            cseq="cSeQ: 0007\r\n  INVITE",
        ),
        "phone",
        [180],
        None,
    ),
    # 3.1.1.2 every character that a token may have, in the method too
    (
        "3.1.1.2",
        message("Odd-.!%*_+`'~09 sip:a_~(b!c)&d+e$/f?,/;;*@example.com SIP/2.0"),
        "phone",
        [405],
        None,
    ),
    # 3.1.1.3 escapes in the user are of the user
    ("3.1.1.3", invite(line="INVITE sip:sip%3Ax%40y@example.com SIP/2.0"), "phone", [180], None),
    # 3.1.1.4 an escaped NUL is a character
    (
        "3.1.1.4",
        register("Contact: <sip:%00a@h>", "Contact: <sip:%00@h>"),
        "registrar",
        [200],
        ["sip:%00@h", "sip:%00a@h"],
    ),
    # 3.1.1.5 a percent sign in a method or a header's name is only that
    (
        "3.1.1.5",
        register("C%6Fntact: <sip:evil@h>").replace(b"REGISTER", b"REGISTE%52"),
        "registrar",
        [404],
        [],
    ),
    ("3.1.1.5", options(line="OPTION%53 sip:alice@example.com SIP/2.0"), "phone", [405], None),
    # 3.1.1.6 no blank between name and "<"
    ("3.1.1.6", options(from_="From: carol<sip:carol@example.net>;tag=c"), "phone", [200], None),
    # 3.1.1.7 long parts
    (
        "3.1.1.7",
        invite(
            from_='From: "' + "n" * 300 + '" <sip:' + "u" * 300 + "@example.net>;tag=" + "t" * 300,
            via=VIA + "".join([";p%d=%s" % (at, "v" * 40) for at in range(20)]),
        ),
        "phone",
        [180],
        None,
    ),
    # 3.1.1.8 what follows in the datagram is not there
    (
        "3.1.1.8",
        register("Contact: <sip:bob@192.0.2.15>") + options(),
        "registrar",
        [200],
        ["sip:bob@192.0.2.15"],
    ),
    # 3.1.1.9 a semicolon in the user
    ("3.1.1.9", options(line="OPTIONS sip:alice;day=mon@example.com SIP/2.0"), "phone", [200], None),
    # 3.1.1.10 transports that nobody knows, behind the first
    (
        "3.1.1.10",
        options("Via: SIP/2.0/SCTP a;branch=z9hG4bK1", "Via: SIP/2.0/PIGEON b;branch=z9hG4bK2"),
        "phone",
        [200],
        None,
    ),
    # 3.1.1.11 NULs in a body
    (
        "3.1.1.11",
        message(
            "MESSAGE sip:alice@example.com SIP/2.0",
            "Content-Type: multipart/mixed;boundary=b",
            body=b"--b\r\n\r\nx\r\n--b\r\nContent-Type: a/b\r\n\r\n\x00\x01\r\n--b--",
        ),
        "phone",
        [415],
        None,
    ),
    # 3.1.1.12, 3.1.1.13 any reason phrase, and none
    ("3.1.1.12", message("SIP/2.0 200 Gut, \u00e4\u2603= 1**2", cseq="CSeq: 7 INVITE"), "phone", [], None),
    ("3.1.1.13", message("SIP/2.0 100 ", cseq="CSeq: 7 INVITE"), "phone", [], None),
    # 3.1.2.1 separators with nothing between them
    ("3.1.2.1", options(via="Via: SIP/2.0/UDP 192.0.2.15;;,;,,"), "phone", [400], None),
    # … of which an empty parameter leaves nothing in doubt
    ("3.1.2.1", options(from_="From: <sip:carol@example.net>;;tag=c"), "phone", [200], None),
    (
        "3.1.2.1",
        invite("Contact: <sip:x@y>;;;;").replace(CONTACT.encode() + b"\r\n", b""),
        "phone",
        [180],
        None,
    ),
    # 3.1.2.2 to 3.1.2.5 numbers that are none, or lie
    ("3.1.2.2", options("Content-Length: 9999", length=False), "phone", [400], None),
    ("3.1.2.3", options("Content-Length: -999", length=False), "phone", [400], None),
    ("3.1.2.4", options(cseq="CSeq: 36893488147419103232 OPTIONS"), "phone", [400], None),
    ("3.1.2.4", options(hops="Max-Forwards: 300"), "phone", [200], None),
    ("3.1.2.4", options(hops="Max-Forwards: 300"), "proxy", [400], None),
    (
        "3.1.2.4",
        register("Contact: <sip:bob@h>;expires=280297596632815", "Expires: 10000000000000000000000"),
        "registrar",
        [200],
        ["sip:bob@h"],
    ),  # an unreadable life counts as an hour (RFC 3261 §10.2.1.1)
    (
        "3.1.2.5",
        message("SIP/2.0 503 x", "Retry-After: 949302838503028349304023988", cseq="CSeq: 99999999999 INVITE"),
        "phone",
        [],
        None,
    ),
    # 3.1.2.6 a quotation mark alone
    ("3.1.2.6", options(to='To: "Alice <sip:alice@example.com>'), "phone", [400], None),
    # 3.1.2.7 to 3.1.2.11 Request-Lines
    ("3.1.2.7", options(line="OPTIONS <sip:alice@example.com> SIP/2.0"), "phone", [400], None),
    ("3.1.2.8", options(line="OPTIONS sip:alice@example.com; lr SIP/2.0"), "phone", [400], None),
    ("3.1.2.9", options(line="OPTIONS  sip:alice@example.com  SIP/2.0"), "phone", [400], None),
    ("3.1.2.10", options(line="OPTIONS sip:alice@example.com SIP/2.0  "), "phone", [400], None),
    (
        "3.1.2.11",
        options(line="OPTIONS sip:alice@example.com?Route=%3Csip:evil%3E SIP/2.0"),
        "phone",
        [400],
        None,
    ),
    # 3.1.2.12 a date that is not in GMT: nobody here reads it
    ("3.1.2.12", invite("Date: Fri, 01 Jan 2010 16:00:00 EST"), "phone", [180], None),
    # 3.1.2.13, 3.1.2.14 who is meant?
    ("3.1.2.13", register("Contact: sip:bob@h?Route=%3Csip:evil%3E"), "registrar", [400], []),
    ("3.1.2.14", options(to="To: sip:alice@example.com?x=y"), "phone", [400], None),
    # 3.1.2.15 a display name that needs quotation marks: who is meant stands between "<" and ">"
    ("3.1.2.15", options(from_="From: Carol, of Sales <sip:carol@example.net>;tag=c"), "phone", [200], None),
    # 3.1.2.16 to 3.1.2.19
    ("3.1.2.16", options(line="OPTIONS sip:alice@example.com SIP/7.0"), "phone", [505], None),
    ("3.1.2.17", options(cseq="CSeq: 7 INVITE"), "phone", [400], None),
    (
        "3.1.2.18",
        message("NEWMETHOD sip:alice@example.com SIP/2.0", cseq="CSeq: 7 INVITE"),
        "phone",
        [400],
        None,
    ),
    ("3.1.2.19", message("SIP/2.0 4294967301 better not break", cseq="CSeq: 7 INVITE"), "phone", [], None),
    # 3.2.1 a branch that is a cookie and nothing else
    ("3.2.1", options(via="Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bK"), "phone", [200], None),
    # 3.3.1 what must be there
    ("3.3.1", options(from_=None), "phone", [400], None),
    ("3.3.1", options(to=None), "phone", [400], None),
    ("3.3.1", options(call_id=None), "phone", [400], None),
    ("3.3.1", options(cseq=None), "phone", [400], None),
    ("3.3.1", options(via=None), "phone", [], None),
    # 3.3.2 to 3.3.4 schemes
    ("3.3.2", options(line="OPTIONS gopher:x SIP/2.0"), "phone", [416], None),
    ("3.3.3", options(line="OPTIONS new.scheme://192.0.2.1:99 SIP/2.0"), "phone", [416], None),
    ("3.3.3", options(line="OPTIONS new.scheme://192.0.2.1:99 SIP/2.0"), "proxy", [416], None),
    (
        "3.3.4",
        register("Contact: <name:Bob>", to="To: isbn:1", from_="From: <http://x>;tag=c"),
        "registrar",
        [404],
        [],
    ),
    ("3.3.4", options(to="To: isbn:1", from_="From: <http://x>;tag=c"), "phone", [200], None),
    # 3.3.5 extensions that nobody has
    ("3.3.5", options("Require: one, two", "Proxy-Require: three"), "phone", [420], "one, two"),
    ("3.3.5", options("Require: one, two", "Proxy-Require: three"), "proxy", [420], "three"),
    # 3.3.6 a body that we cannot read
    ("3.3.6", invite(body=b"<xml/>").replace(b"application/sdp", b"application/odd"), "phone", [415], None),
    # 3.3.7 an authentication scheme that nobody knows
    ("3.3.7", register("Authorization: Odd a=b", "Contact: <sip:bob@h>"), "guarded", [401], []),
    # 3.3.8, 3.3.9 what there must be one of
    ("3.3.8", options("Call-ID: t2"), "phone", [400], None),
    ("3.3.8", options("CSeq: 8 OPTIONS"), "phone", [400], None),
    ("3.3.8", options(CALLER.replace("tag=c", "tag=d")), "phone", [400], None),
    ("3.3.8", options("t: <sip:mallory@example.com>"), "phone", [400], None),
    ("3.3.8", options("Max-Forwards: 5"), "phone", [200], None),
    ("3.3.8", options("Max-Forwards: 5"), "proxy", [400], None),
    ("3.3.9", options("l: 5", "Content-Length: 5", length=False), "phone", [400], None),
    # 3.3.10 a response to somebody else
    (
        "3.3.10",
        message(
            "SIP/2.0 200 OK",
            "Via: SIP/2.0/UDP 192.0.2.200;branch=z9hG4bKz",
            via="Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKx",
            cseq="CSeq: 7 INVITE",
        ),
        "phone",
        [],
        None,
    ),
    # 3.3.11 no hop left
    ("3.3.11", options(hops="Max-Forwards: 0"), "phone", [200], None),
    ("3.3.11", message("INFO sip:alice@example.com SIP/2.0", hops="Max-Forwards: 0"), "proxy", [483], None),
    # 3.3.12 to 3.3.14 whose parameter is it?
    ("3.3.12", register("Contact: sip:bob@h;odd"), "registrar", [200], ["sip:bob@h"]),
    ("3.3.13", register("Contact: <sip:bob@h;odd>"), "registrar", [200], ["sip:bob@h;odd"]),
    (
        "3.3.14",
        register("Contact: <sip:bob@h?Route=%3Csip:x%3E>"),
        "registrar",
        [200],
        ["sip:bob@h?Route=%3Csip:x%3E"],
    ),
    # 3.3.15 our answer would not be read
    ("3.3.15", invite("Accept: text/odd"), "phone", [406], None),
    ("3.3.15", invite("Accept: text/odd, application/*"), "phone", [180], None),
    # 3.4.1 RFC 2543: no branch, no tag, no Contact, no length
    (
        "3.4.1",
        message(
            "INVITE sip:alice@example.com SIP/2.0",
            "Content-Type: application/sdp",
            length=False,
            hops=None,
            body=description(),
            via="Via: SIP/2.0/UDP 192.0.2.15",
            from_="From: <sip:carol@192.0.2.15>",
        ),
        "phone",
        [180],
        None,
    ),
    (
        "3.4.1",
        message("INVITE sip:alice@example.com SIP/2.0", "Content-Type: application/sdp", body=description()),
        "phone",
        [400],
        None,
    ),
]

V6 = "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKx"
V6_REGISTER = "REGISTER sip:[2001:db8::10] SIP/2.0"

# RFC 5118, by section
ROWS_6 = [
    (
        "4.1 a good reference",
        options(line="OPTIONS sip:alice@[2001:db8::10] SIP/2.0", via=V6),
        "phone",
        [200],
        None,
    ),
    (
        "4.2 no brackets in the Request-URI",
        options(line="OPTIONS sip:2001:db8::10 SIP/2.0", via=V6),
        "phone",
        [400],
        None,
    ),
    (
        "4.3 port ambiguous inside the brackets",
        options(line="OPTIONS sip:[2001:db8::10:5070] SIP/2.0", via=V6),
        "phone",
        [200],
        None,
    ),
    (
        "4.4 port outside the brackets",
        options(line="OPTIONS sip:[2001:db8::10]:5070 SIP/2.0", via=V6),
        "phone",
        [200],
        None,
    ),
    (
        "4.5 received without brackets is taken, as one with them",
        options(via=V6 + ";received=2001:db8::9:255"),
        "phone",
        [200],
        None,
    ),
    ("4.5", options(via=V6 + ";received=[2001:db8::9:255]"), "phone", [200], None),
    (
        "4.6 IPv4 and IPv6 in one Via list",
        options("Via: SIP/2.0/TCP [2001:db8::9:2], SIP/2.0/UDP 192.0.2.1", via=V6),
        "phone",
        [200],
        None,
    ),
    (
        "4.7 two addresses in SDP",
        invite(via=V6, body=description().replace(b"c=IN IP4 192.0.2.99", b"c=IN IP6 2001:db8::20")),
        "phone",
        [180],
        None,
    ),
    (
        "4.8 an IPv4 address in IPv6",
        options(line="OPTIONS sip:alice@[::ffff:192.0.2.10] SIP/2.0", via=V6),
        "phone",
        [200],
        None,
    ),
    (
        "4.9 no brackets in the Via",
        options(via="Via: SIP/2.0/UDP 2001:db8::9:1;branch=z9hG4bKx"),
        "phone",
        [],
        None,
    ),
    (
        "4.10 three colons",
        options(line="OPTIONS sip:alice@[2001:db8:::192.0.2.1] SIP/2.0", via=V6),
        "phone",
        [400],
        None,
    ),
    (
        "too many groups",
        options(line="OPTIONS sip:alice@[1:2:3:4:5:6:7:8:9] SIP/2.0", via=V6),
        "phone",
        [400],
        None,
    ),
    ("a zone", options(line="OPTIONS sip:alice@[fe80::1%25eth0] SIP/2.0", via=V6), "phone", [400], None),
    (
        "a register",
        register("Contact: <sip:bob@[2001:db8::9:1]>", via=V6),
        "registrar",
        [200],
        ["sip:bob@[2001:db8::9:1]"],
    ),
]


def judge(rows, source):
    for section, octets, element, statuses, more in rows:
        passwords = {"bob": "secret"} if element == "guarded" else None
        element = "registrar" if element == "guarded" else element
        outcome = into(element, octets, source=source, passwords=passwords)
        assert outcome.statuses == statuses, (section, octets, outcome.octets)
        assert "internal_errors" not in outcome.counters, section
        if isinstance(more, list):
            assert sorted(outcome.bindings) == sorted(more), (section, outcome.bindings)
        elif more is not None:
            assert outcome.answers[0].get("Unsupported") == more, section


def test_rfc_4475_section_3_1_1():
    judge([row for row in ROWS if row[0].startswith("3.1.1.")], ("192.0.2.15", 5060))


def test_rfc_4475_section_3_1_2():
    judge([row for row in ROWS if row[0].startswith("3.1.2.")], ("192.0.2.15", 5060))


def test_rfc_4475_section_3_2_to_3_4():
    judge([row for row in ROWS if not row[0].startswith("3.1.")], ("192.0.2.15", 5060))


def test_every_section_has_a_message_of_our_own():
    sections = ["3.1.1.%d" % at for at in range(1, 14)] + ["3.1.2.%d" % at for at in range(1, 20)] + ["3.2.1"]
    sections += ["3.3.%d" % at for at in range(1, 16)] + ["3.4.1"]
    assert len(sections) == 49
    for section in sections:
        assert [row for row in ROWS if row[0] == section], section


def test_rfc_5118():
    judge(ROWS_6, ("2001:db8::9:1", 5060))


def test_what_is_said_twice_is_believed_neither_time():
    """Smuggling: two elements that read one message differently would each think something else was asked."""
    for header in (
        "To",
        "From",
        "Call-ID",
        "CSeq",
        "Max-Forwards",
        "Content-Length",
        "Content-Type",
        "Expires",
    ):
        values = {
            "To": "<sip:alice@example.com>",
            "From": "<sip:carol@example.net>;tag=c",
            "Call-ID": "t1",
            "CSeq": "7 INVITE",
            "Max-Forwards": "70",
            "Content-Length": "1",
            "Content-Type": "text/plain",
            "Expires": "60",
        }
        twice = invite(*["%s: %s" % (header, values[header])] * 2)
        # A phone reads no Max-Forwards; a proxy does.
        element = "proxy" if header == "Max-Forwards" else "phone"
        assert into(element, twice).statuses == [400], header
