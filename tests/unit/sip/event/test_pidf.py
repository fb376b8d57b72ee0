"""application/pidf+xml with RPID, and application/reginfo+xml."""

from sip.event import pidf, reg_info
from sip.event.pidf import Presence
from sip.syntax.grammar import ParseError
from support.check import raises

RFC_4480 = b"""<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
 xmlns:lt="urn:ietf:params:xml:ns:location-type" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid"
 entity="pres:someone@example.com">
 <tuple id="bs35r9"><status><basic>open</basic></status>
  <contact priority="0.8">im:someone@mobile.example.net</contact>
  <note xml:lang="en">Don't Disturb Please!</note></tuple>
 <dm:person id="p1"><rpid:activities><rpid:note>Far away</rpid:note><rpid:away/><rpid:on-the-phone/>
  <rpid:other>juggling</rpid:other></rpid:activities></dm:person>
</presence>"""


def test_read():
    assert pidf.parse(RFC_4480) == Presence(
        True, ["away", "on-the-phone", "juggling"], "Don't Disturb Please!"
    )
    for body, expected in (
        (b"<presence/>", Presence()),
        (
            b"<presence><tuple id='1'><status><basic>CLOSED</basic></status></tuple></presence>",
            Presence(False),
        ),
        (
            b"<presence><tuple id='1'><status><basic>closed</basic></status></tuple>"
            b"<tuple id='2'><status><basic>open</basic></status></tuple></presence>",
            Presence(True),
        ),
        (
            b"<presence><tuple id='1'><status><basic>open</basic><activities><busy/></activities></status></tuple>"
            b"<note>Lunch</note></presence>",
            Presence(True, ["busy"], "Lunch"),
        ),
    ):
        assert pidf.parse(body) == expected, body
    for body in (b"", b"<a/>", RFC_4480[:-3]):
        raises(ParseError, pidf.parse, body)


def test_ours_is_read_again():
    for presence in (
        Presence(True),
        Presence(False),
        Presence(True, ["on-the-phone"]),
        Presence(True, [], "a<b & c"),
    ):
        assert pidf.parse(pidf.build("sip:a@h", presence)) == presence


RFC_3680 = b"""<?xml version="1.0"?>
<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="1" state="partial">
 <registration aor="sip:joe@example.com" id="a7" state="active">
  <contact id="76" state="active" event="registered" duration-registered="7322" q="0.8">
   <uri>sip:joe@pc887.example.com</uri></contact>
  <contact id="77" state="terminated" event="expired" q="0.5"><uri>sip:joe@university.edu</uri></contact>
 </registration></reginfo>"""


def test_reg_info():
    found = reg_info.parse(RFC_3680)
    assert (found.version, found.full, found.state) == (1, False, "active")
    assert [(str(each.uri), each.state, each.event) for each in found.contacts] == [
        ("sip:joe@pc887.example.com", "active", "registered"),
        ("sip:joe@university.edu", "terminated", "expired"),
    ]
    for body in (
        b"<reginfo/>",
        b"<x version='1'/>",
        b"<reginfo version='one'/>",
        b"<reginfo version='1'><registration><contact/></registration></reginfo>",
        b"<reginfo version='1'><registration><contact state='active'><uri>no uri</uri></contact></registration></reginfo>",
    ):
        raises(ParseError, reg_info.parse, body)
