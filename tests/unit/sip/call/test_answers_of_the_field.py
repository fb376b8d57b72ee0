"""Answers and offers as peers really write them, beyond what RFC 3264 allows."""

from sip.call import sdp
from sip.call.offer_answer import Capabilities, Negotiation, Unacceptable, is_name
from support.check import raises
from support.descriptions import description

OURS = Capabilities("192.0.2.1", 4000)
VIDEO = "m=video 20001 RTP/AVP 105\r\na=rtpmap:105 H264/90000\r\n"
EVENTS = "a=rtpmap:101 telephone-event/8000"


def offering(capabilities=OURS):
    negotiation = Negotiation(capabilities, "1")
    negotiation.offer()
    return negotiation


def sections(*lines):
    head = ["v=0", "o=- 1 1 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0"]
    return ("\r\n".join(head + list(lines)) + "\r\n").encode()


def answer_to(*lines, **named):
    negotiation = Negotiation(named.get("capabilities", OURS), "1")
    negotiation.receive(sections(*lines))
    return negotiation, sdp.parse(negotiation.answer()).media


def test_all_codecs_of_an_answer_may_arrive():
    media = offering().answered(description(formats="8 0 101"))
    assert media.formats == (("PCMA", 8, 8), ("PCMU", 0, 0)) and media.codec == "PCMA"
    media = offering().answered(
        sections("m=audio 6000 RTP/AVP 96 97 102", "a=rtpmap:96 PCMU/8000", "a=rtpmap:97 PCMA/8000")
    )
    assert media.formats == (("PCMU", 96, 0), ("PCMA", 97, 8))  # theirs to be sent, ours to arrive
    assert offering().answered(description(formats="0 101")).formats == (("PCMU", 0, 0),)


def test_events_have_a_number_for_each_direction():
    media = offering().answered(sections("m=audio 6000 RTP/AVP 0 96", "a=rtpmap:96 telephone-event/8000"))
    assert (media.event_payload_type, media.receive_event_payload_type) == (96, 101)


def test_what_arrives_stays_when_the_peer_refreshes():
    negotiation = offering()
    both = negotiation.answered(description()).formats
    negotiation.receive(description(version=2))
    negotiation.answer()
    assert negotiation.media.formats == both
    negotiation.receive(sections("m=audio 6000 RTP/AVP 96", "a=rtpmap:96 PCMU/8000"))
    negotiation.answer()
    assert negotiation.media.formats == (("PCMU", 96, 96),)


def test_a_number_mapped_for_several_clocks_counts_for_ours():
    twice = ("a=rtpmap:101 telephone-event/16000", EVENTS)
    for lines in (twice, tuple(reversed(twice))):
        negotiation, media = answer_to("m=audio 6000 RTP/AVP 8 101 101", *lines)
        assert negotiation.media.event_payload_type == 101 and media[0].formats == ["8", "101"]
        offered = offering().answered(sections("m=audio 6000 RTP/AVP 8 101", *lines))
        assert offered.event_payload_type == 101
    negotiation, media = answer_to(
        "m=audio 6000 RTP/AVP 96", "a=rtpmap:96 PCMU/16000", "a=rtpmap:96 PCMU/8000"
    )
    assert negotiation.media.codec == "PCMU" and media[0].rtpmap(96) == ("PCMU", 8000, 1)
    negotiation, _ = answer_to("m=audio 6000 RTP/AVP 0 101", twice[0])
    assert negotiation.media.event_payload_type is None
    raises(Unacceptable, answer_to, "m=audio 6000 RTP/AVP 0", "a=rtpmap:0 PCMU/16000")


def test_an_answer_with_more_sections_than_were_asked_for():
    audio = ("m=audio 6000 RTP/AVP 0 101", EVENTS)
    for lines, slot in (
        (audio + ("m=video 20001 RTP/AVP 105",), 0),
        (audio + ("m=video 0 RTP/AVP 105",), 0),
        (("m=video 20001 RTP/AVP 105",) + audio, 1),
        (("m=audio 0 RTP/AVP 0", "m=image 0 udptl t38") + audio, 2),
    ):
        negotiation = offering()
        media = negotiation.answered(sections(*lines))
        assert media.remote == ("192.0.2.9", 6000) and media.event_payload_type == 101
        again = sdp.parse(negotiation.offer("sendonly")).media
        ports = [section.port for section in again]
        assert ports == [4000 if at == slot else 0 for at in range(len(ports))] and len(ports) > 1
        assert again[slot].direction == "sendonly"


def test_an_answer_with_fewer_sections():
    negotiation = Negotiation(OURS, "1")
    negotiation.receive(sections("m=video 7000 RTP/AVP 105", "m=audio 6000 RTP/AVP 0"))
    negotiation.answer()
    negotiation.offer("sendonly")
    assert negotiation.answered(description(direction="recvonly")).remote == ("192.0.2.99", 6000)
    assert len(sdp.parse(negotiation.offer("sendrecv")).media) == 2


def test_an_answer_without_what_was_asked_for():
    for body in (
        sections("m=video 20001 RTP/AVP 105", "m=audio 0 RTP/AVP 0"),
        sections("m=video 20001 RTP/AVP 105"),
        sections(),
    ):
        negotiation = offering()
        raises(Unacceptable, negotiation.answered, body)
        assert negotiation.state == "idle" and negotiation.media is None


def test_feedback_profile_and_muxed_rtcp_are_taken_as_plain():
    negotiation, media = answer_to(
        "m=audio 6000 RTP/AVPF 0 101", EVENTS, "a=rtcp-mux", "a=rtcp-fb:* nack", "a=ssrc:1 cname:x"
    )
    assert (media[0].protocol, media[0].port) == ("RTP/AVPF", 4000)  # RFC 3264 §6: the protocol of the offer
    assert media[0].attribute("rtcp-mux") is None and negotiation.media.remote_rtcp == ("192.0.2.9", 6001)
    assert sdp.parse(negotiation.offer("sendonly")).media[0].protocol == "RTP/AVPF"
    assert offering().answered(sections("m=audio 6000 RTP/AVPF 0")).codec == "PCMU"
    for protocol in ("RTP/SAVP", "UDP/TLS/RTP/SAVPF"):
        raises(Unacceptable, answer_to, "m=audio 6000 %s 0" % protocol)


def test_a_name_in_a_connection_line():
    for ours in (OURS, Capabilities("2001:db8::1", 4000)):
        media = offering(ours).answered(description(host="media.example.com"))
        assert media.remote == ("media.example.com", 6000)
    for text in ("localhost", "a.example", "1.example.com", "3com.com"):
        assert is_name(text), text
    for text in ("192.0.2.1", "::1", "2001:db8::a", "0.0.0.0"):
        assert not is_name(text), text
