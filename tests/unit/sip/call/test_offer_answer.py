from sip.call import sdp
from sip.call.offer_answer import Capabilities, Negotiation, Unacceptable, refusal
from sip.events import LocalError
from support.check import raises
from support.descriptions import description

OURS = Capabilities("192.0.2.1", 4000)


def exchange(offer, capabilities=OURS, direction="sendrecv"):
    """(the answer parsed, the Negotiation) to an offer."""
    negotiation = Negotiation(capabilities, "1")
    negotiation.direction = direction
    negotiation.receive(offer)
    return sdp.parse(negotiation.answer()), negotiation


def answer_to(offer, **settings):
    answer, negotiation = exchange(offer, **settings)
    return negotiation.media, answer


def offered(answer, capabilities=OURS):
    negotiation = Negotiation(capabilities, "1")
    negotiation.offer()
    return negotiation.answered(answer)


def audio(lines, host="192.0.2.9", session=""):
    head = "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n" % (host, host)
    return (head + session + "\r\n".join(lines) + "\r\n").encode()


def test_offer_has_both_codecs_and_digits():
    offer = sdp.parse(Negotiation(OURS, "77").offer())
    media = offer.media[0]
    assert offer.origin.session_id == "77" and offer.origin.address == "192.0.2.1"
    assert (media.kind, media.port, media.protocol) == ("audio", 4000, "RTP/AVP")
    assert media.formats == ["0", "8", "101"]
    assert media.rtpmap(101) == ("telephone-event", 8000, 1) and media.fmtp(101) == "0-15"
    assert media.ptime == 20 and media.direction == "sendrecv"
    assert media.attribute("rtpmap") is not None


def test_offer_follows_the_capabilities():
    offer = sdp.parse(Negotiation(Capabilities("2001:db8::1", 4000, ("PCMA",), 30, False), "1").offer())
    assert offer.connection.family == "IP6"
    assert offer.media[0].formats == ["8"] and offer.media[0].ptime == 30


def test_answer_takes_the_first_codec_that_the_offerer_likes():
    media, answer = answer_to(description(formats="9 8 0 101"))
    assert media.codec == "PCMA" and media.payload_type == media.receive_payload_type == 8
    assert answer.media[0].formats == ["8", "101"]
    assert media.remote == ("192.0.2.99", 6000) and media.remote_rtcp == ("192.0.2.99", 6001)


WIDE = Capabilities("192.0.2.1", 4000, ("G722", "PCMA", "PCMU"))


def test_wideband_is_offered_and_taken_with_a_clock_of_8000():
    """RFC 3551 §4.5.2; with its own clock of 16000 it is another codec."""
    media = sdp.parse(Negotiation(WIDE, "1").offer()).media[0]
    assert media.formats == ["9", "8", "0", "101"] and media.rtpmap(9) == ("G722", 8000, 1)
    media = exchange(description(formats="9 8 0 101"), WIDE)[1].media
    assert (media.codec, media.payload_type, media.receive_payload_type) == ("G722", 9, 9)
    lines = ["m=audio 6000 RTP/AVP 97 8", "a=rtpmap:97 g722/8000"]
    answer, negotiation = exchange(audio(lines), WIDE)
    media = negotiation.media
    assert (media.codec, media.payload_type, media.receive_payload_type) == ("G722", 97, 97)
    assert answer.media[0].rtpmap(97) == ("G722", 8000, 1)
    lines = ["m=audio 6000 RTP/AVP 97 8", "a=rtpmap:97 G722/16000"]
    assert exchange(audio(lines), WIDE)[1].media.codec == "PCMA"
    answered = offered(audio(["m=audio 6000 RTP/AVP 8 9"]), WIDE)
    assert answered.formats == (("PCMA", 8, 8), ("G722", 9, 9))


def test_answer_uses_the_numbers_of_the_offer():
    lines = ["m=audio 6000 RTP/AVP 110 96", "a=rtpmap:110 pcmu/8000", "a=rtpmap:96 TELEPHONE-EVENT/8000"]
    media, answer = answer_to(audio(lines))
    assert (media.codec, media.payload_type, media.event_payload_type) == ("PCMU", 110, 96)
    assert media.receive_event_payload_type == 96
    assert answer.media[0].formats == ["110", "96"]
    assert answer.media[0].rtpmap(110) == ("PCMU", 8000, 1) and answer.media[0].fmtp(96) == "0-15"


def test_digits_only_at_the_codec_s_clock():
    lines = [
        "m=audio 6000 RTP/AVP 0 96 97",
        "a=rtpmap:96 telephone-event/48000",
        "a=rtpmap:97 telephone-event/8000",
    ]
    assert answer_to(audio(lines))[0].event_payload_type == 97
    lines = ["m=audio 6000 RTP/AVP 0 96", "a=rtpmap:96 telephone-event/48000"]
    media, answer = answer_to(audio(lines))
    assert media.event_payload_type is None and answer.media[0].formats == ["0"]
    assert (
        answer_to(description(), capabilities=Capabilities("192.0.2.1", 4, events=False))[
            0
        ].event_payload_type
        is None
    )


def test_a_static_number_that_means_something_else_is_not_taken_for_ours():
    lines = ["m=audio 6000 RTP/AVP 0 8", "a=rtpmap:0 G726-32/8000"]
    assert answer_to(audio(lines))[0].codec == "PCMA"
    assert (
        raises(Unacceptable, answer_to, audio(["m=audio 6000 RTP/AVP 96", "a=rtpmap:96 PCMU/16000"])).code
        == 305
    )
    assert (
        raises(Unacceptable, answer_to, audio(["m=audio 6000 RTP/AVP 96", "a=rtpmap:96 PCMU/8000/2"])).code
        == 305
    )


def test_further_sections_get_port_zero_in_their_places():
    lines = [
        "m=video 6002 RTP/AVP 31 34",
        "m=audio 6000 RTP/SAVP 0",
        "m=audio 6004 RTP/AVP 8",
        "m=audio 6006 RTP/AVP 0",
        "m=application 9 UDP/BFCP *",
    ]
    media, answer = answer_to(audio(lines))
    assert [(each.kind, each.port, each.protocol) for each in answer.media] == [
        ("video", 0, "RTP/AVP"),
        ("audio", 0, "RTP/SAVP"),
        ("audio", 4000, "RTP/AVP"),
        ("audio", 0, "RTP/AVP"),
        ("application", 0, "UDP/BFCP"),
    ]
    assert [each.formats[0] for each in answer.media] == ["31", "0", "8", "0", "*"]
    assert media.remote[1] == 6004


def test_refused_offers_say_why():
    cases = [
        (["m=video 6002 RTP/AVP 31"], 304),
        (["m=audio 0 RTP/AVP 0"], 304),
        (["m=audio 6000 RTP/SAVP 0"], 302),
        (
            [
                "m=audio 6000 RTP/AVP 9 foo 999 ³",
                "a=rtpmap:foo PCMU/8000",
                "a=rtpmap:999 PCMU/8000",
                "a=rtpmap:³ PCMU/8000",
            ],
            305,
        ),
        (["m=audio 6000 RTP/AVP 0", "c=IN IP6 2001:db8::1"], 301),
        (["m=audio 6000 RTP/AVP 0", "c=IN IP4 233.252.0.1/127"], 330),
        ([], 304),
    ]
    for lines, code in cases:
        error = raises(Unacceptable, answer_to, audio(lines))
        assert error.code == code, lines
        assert error.warning("192.0.2.1")[1].startswith('%d 192.0.2.1 "' % code)
    raises(sdp.SdpError, answer_to, b"v=1\r\n")


def test_directions_as_answerer():
    # (what they offer, what we want) -> (what we answer, held)
    cases = {
        ("sendrecv", "sendrecv"): ("sendrecv", False),
        ("sendonly", "sendrecv"): ("recvonly", True),
        ("recvonly", "sendrecv"): ("sendonly", False),
        ("inactive", "sendrecv"): ("inactive", True),
        ("sendrecv", "sendonly"): ("sendonly", False),
        ("sendonly", "sendonly"): ("inactive", True),
        ("sendrecv", "inactive"): ("inactive", False),
        ("recvonly", "recvonly"): ("inactive", False),
    }
    for (theirs, wish), (direction, held) in cases.items():
        media, answer = answer_to(description(direction=theirs), direction=wish)
        assert (media.direction, media.held) == (direction, held), (theirs, wish)
        assert answer.media[0].direction == direction


def test_hold_by_address_zero():
    media, answer = answer_to(audio(["m=audio 6000 RTP/AVP 0"], host="0.0.0.0"))
    assert media.held and media.direction == "recvonly" and media.remote_rtcp is None
    assert answer.media[0].direction == "recvonly"
    media, _ = answer_to(audio(["m=audio 6000 RTP/AVP 0", "a=inactive"], host="0.0.0.0"))
    assert media.held and media.direction == "inactive"
    media, _ = answer_to(audio(["m=audio 6000 RTP/AVP 0", "c=IN IP4 0.0.0.0"]))
    assert media.held


def test_direction_of_the_session_holds_for_the_media():
    media, _ = answer_to(audio(["m=audio 6000 RTP/AVP 0"], session="a=sendonly\r\n"))
    assert media.direction == "recvonly"


def test_rtcp_elsewhere_and_packet_time():
    lines = ["m=audio 6000 RTP/AVP 0", "a=rtcp:7000 IN IP4 192.0.2.50", "a=ptime:40", "a=maxptime:30"]
    media, answer = answer_to(audio(lines))
    assert media.remote_rtcp == ("192.0.2.50", 7000) and media.ptime == 30
    assert answer.media[0].ptime == 20
    for value, expected in (
        ("7000", ("192.0.2.9", 7000)),
        ("0", None),
        ("x", ("192.0.2.9", 6001)),
        ("99999", ("192.0.2.9", 6001)),
    ):
        media, _ = answer_to(audio(["m=audio 6000 RTP/AVP 0", "a=rtcp:" + value]))
        assert media.remote_rtcp == expected, value
    for value, expected in (("1", 20), ("0", 20), ("5000", 20), ("x", 20), ("60", 60)):
        assert answer_to(audio(["m=audio 6000 RTP/AVP 0", "a=ptime:" + value]))[0].ptime == expected, value


def test_times_of_the_offer_come_back():
    offer = audio(["m=audio 6000 RTP/AVP 0"]).replace(b"t=0 0", b"t=3034423619 3042462419")
    assert answer_to(offer)[1].times == [("3034423619", "3042462419")]


def test_answer_to_our_offer():
    media = offered(audio(["m=audio 6000 RTP/AVP 8 0 96", "a=rtpmap:96 telephone-event/8000"]))
    assert (media.codec, media.payload_type, media.receive_payload_type) == ("PCMA", 8, 8)
    # Each side sends with the number that the other gave.
    assert (media.event_payload_type, media.receive_event_payload_type) == (96, 101)
    assert offered(description(formats="0")).event_payload_type is None
    assert offered(description(direction="recvonly")).direction == "sendonly"
    assert offered(description(direction="sendonly")).held


def test_a_wrong_answer_withdraws_the_offer():
    for body in (
        b"",
        b"nonsense",
        audio(["m=audio 0 RTP/AVP 0"]),
        audio([]),
        audio(["m=audio 6000 RTP/AVP 9"]),
    ):
        negotiation = Negotiation(OURS, "1")
        negotiation.offer("sendonly")
        raises((Unacceptable, sdp.SdpError), negotiation.answered, body)
        assert (negotiation.state, negotiation.direction, negotiation.media) == ("idle", "sendrecv", None)


def test_one_offer_at_a_time():
    negotiation = Negotiation(OURS, "1")
    negotiation.offer()
    raises(LocalError, negotiation.offer)
    raises(LocalError, negotiation.receive, description())
    negotiation.withdraw()
    negotiation.receive(description())
    raises(LocalError, negotiation.offer)
    negotiation.decline()
    assert negotiation.state == "idle"


def test_offers_within_a_session_keep_sections_numbers_and_count_versions():
    first, negotiation = exchange(
        audio(["m=video 6002 RTP/AVP 31", "m=audio 6000 RTP/AVP 8 96", "a=rtpmap:96 telephone-event/8000"])
    )
    second = sdp.parse(negotiation.offer("sendonly"))
    assert int(second.origin.version) == int(first.origin.version) + 1
    assert second.origin.session_id == first.origin.session_id
    assert [(each.kind, each.port) for each in second.media] == [("video", 0), ("audio", 4000)]
    assert second.media[1].formats == ["8", "0", "96"] and second.media[1].direction == "sendonly"
    negotiation.withdraw()
    assert negotiation.media.direction == "sendrecv"
    assert sdp.parse(negotiation.offer("sendonly")).origin.version == second.origin.version


def test_a_fork_has_an_exchange_of_its_own():
    one = Negotiation(OURS, "1")
    one.offer()
    other = one.copy()
    assert one.answered(description(formats="0")).codec == "PCMU"
    assert other.answered(description(formats="8")).codec == "PCMA"
    assert one.media.codec == "PCMU"


def test_refusal_takes_nothing():
    answer = sdp.parse(refusal(audio(["m=audio 6000 RTP/AVP 0", "m=video 6002 RTP/AVP 31"]), "192.0.2.1"))
    assert [(each.kind, each.port) for each in answer.media] == [("audio", 0), ("video", 0)]


def test_no_number_means_two_things():
    lines = ["m=audio 6000 RTP/AVP 0 8", "a=rtpmap:8 telephone-event/8000"]
    _, negotiation = exchange(audio(lines))
    assert negotiation.media.event_payload_type == 8
    assert sdp.parse(negotiation.offer()).media[0].formats == ["0", "8"]


def test_a_nat_that_gives_rtcp_another_port_is_told_of():
    ours = Capabilities("203.0.113.7", 30000, rtcp=("203.0.113.7", 30444), inner=4000)
    negotiation = Negotiation(ours, "1")
    body = negotiation.offer()
    assert b"c=IN IP4 203.0.113.7\r\n" in body and b"m=audio 30000 " in body
    assert b"a=rtcp:30444 IN IP4 203.0.113.7\r\n" in body
    # The neighbour of RTP's port needs no word (RFC 3605 §2.1).
    assert b"a=rtcp:" not in Negotiation(Capabilities("h", 30000, rtcp=("h", 30001)), "1").offer()
    # At another address of ours nothing is known of the NAT.
    negotiation.withdraw()
    negotiation.move("198.51.100.1")
    body = negotiation.offer()
    assert b"c=IN IP4 198.51.100.1\r\n" in body and b"m=audio 4000 " in body and b"a=rtcp:" not in body


def test_comfort_noise_is_offered_and_taken_where_both_do_it():
    for ours, theirs in ((True, True), (True, False), (False, True)):
        one = Negotiation(Capabilities("192.0.2.1", 4000, noise=ours), 1)
        other = Negotiation(Capabilities("192.0.2.2", 4002, noise=theirs), 2)
        offer = one.offer()
        assert (b" 13 " in offer and b"a=rtpmap:13 CN/8000" in offer) == ours
        other.receive(offer)
        media = one.answered(other.answer())
        assert media.comfort_noise == other.media.comfort_noise == (ours and theirs)
        assert media.codec in ("PCMU", "PCMA")
