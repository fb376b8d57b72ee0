"""Offer and answer of encryption (RFC 4568 §7.1, RFC 8643): what is agreed on, and what never is."""

from sip.agent.account import Account
from sip.call import sdp
from sip.call.crypto_attribute import SUITES, parse
from sip.call.encryption import Encryption, policy, with_keys
from sip.call.offer_answer import Capabilities, Negotiation, Unacceptable
from support.check import raises

KEY = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
CRYPTO = "a=crypto:%d AES_CM_128_HMAC_SHA1_%d inline:" + KEY
LINE = CRYPTO % (1, 80)


def octets(fill):
    return lambda count: bytes([fill]) * count


def encryption(required=False, fill=7):
    return with_keys(Encryption([(suite, b"") for suite, _ in SUITES], required), octets(fill))


def side(mode, fill=7):
    """A Negotiation that encrypts: mode "off", "offer" or "require"."""
    ours = None if mode == "off" else encryption(mode == "require", fill)
    return Negotiation(Capabilities("192.0.2.1", 4000, encryption=ours), "1")


def description(*media):
    lines = ["v=0", "o=- 1 1 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0"] + list(media)
    return "\r\n".join(lines + [""]).encode()


def audio(profile, *lines):
    return description("m=audio 6000 %s 0 8" % profile, *lines)


def answer(negotiation, offer):
    negotiation.receive(offer)
    return sdp.parse(negotiation.answer())


def refused(function, *arguments):
    """The words of the Unacceptable."""
    try:
        function(*arguments)
    except Unacceptable as error:
        return str(error)
    raise AssertionError("was taken")


# -- offers ----------------------------------------------------------------------------------------------


def test_an_offer_says_every_suite_with_a_key_of_its_own():
    for mode, profile in (("offer", "RTP/AVP"), ("require", "RTP/SAVP")):
        section = sdp.parse(side(mode).offer()).media[0]
        assert section.protocol == profile
        found = [parse(value) for name, value in section.attributes if name == "crypto"]
        assert [(each.tag, each.suite) for each in found] == [
            (at + 1, suite[0]) for at, suite in enumerate(SUITES)
        ]
        assert all(each.usable for each in found)
    section = sdp.parse(side("off").offer()).media[0]
    assert section.protocol == "RTP/AVP" and section.attribute("crypto") is None


def test_each_mode_with_each():
    """(mode of the offerer, mode of the answerer) -> whether it is encrypted; None: refused."""
    for modes, expected in (
        (("off", "off"), False),
        (("off", "offer"), False),
        (("off", "require"), None),
        (("offer", "off"), False),
        (("offer", "offer"), True),
        (("offer", "require"), True),
        (("require", "off"), None),
        (("require", "offer"), True),
        (("require", "require"), True),
    ):
        one, other = side(modes[0], 1), side(modes[1], 2)
        offer = one.offer()
        if expected is None:
            assert refused(other.receive, offer)
            continue
        other.receive(offer)
        answered = other.answer()
        one.answered(answered)
        assert (one.media.crypto is not None) is expected, modes
        assert (other.media.crypto is not None) is expected, modes
        if expected:
            assert one.media.crypto.suite == other.media.crypto.suite == SUITES[0][0]
            assert (
                one.media.crypto.send_key == other.media.crypto.receive_keys[0].octets == b"\1" * SUITES[0][1]
            )
            assert (
                other.media.crypto.send_key == one.media.crypto.receive_keys[0].octets == b"\2" * SUITES[0][1]
            )
            assert sdp.parse(answered).media[0].protocol == sdp.parse(offer).media[0].protocol


# -- their offers ----------------------------------------------------------------------------------------


def test_the_first_suite_of_theirs_that_we_can_do_is_taken_with_its_tag():
    lines = ["a=crypto:3 F8_128_HMAC_SHA1_80 inline:" + KEY, CRYPTO % (5, 32), CRYPTO % (9, 80)]
    negotiation = side("offer")
    section = answer(negotiation, audio("RTP/SAVP", *lines)).media[0]
    assert section.protocol == "RTP/SAVP"
    cryptos = [parse(value) for name, value in section.attributes if name == "crypto"]
    assert [(each.tag, each.suite) for each in cryptos] == [(5, "AES_CM_128_HMAC_SHA1_32")]
    assert negotiation.media.crypto.suite == "AES_CM_128_HMAC_SHA1_32"


def test_lines_that_cannot_be_read_or_come_twice_are_passed_over():
    lines = [
        "a=crypto",
        "a=crypto:",
        "a=crypto:1 X",
        LINE[:-3],
        "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:%s KDR=3" % KEY,
    ]
    assert refused(side("offer").receive, audio("RTP/SAVP", *lines)) == "Incompatible encryption"
    negotiation = side("offer")
    answer(negotiation, audio("RTP/SAVP", *(lines + [CRYPTO % (2, 80), CRYPTO % (4, 32)])))
    assert negotiation.media.crypto.suite == "AES_CM_128_HMAC_SHA1_32"  # 2 was there before
    many = [LINE[:-3]] * 16
    assert refused(side("offer").receive, audio("RTP/SAVP", *(many + [LINE])))


def test_savpf_is_answered_as_savpf():
    negotiation = side("require")
    assert answer(negotiation, audio("RTP/SAVPF", LINE)).media[0].protocol == "RTP/SAVPF"
    assert negotiation.media.crypto is not None


def test_savp_without_keys_is_refused_by_all():
    for mode in ("off", "offer", "require"):
        assert refused(side(mode).receive, audio("RTP/SAVP"))
    assert refused(side("off").receive, audio("RTP/SAVP", LINE)) == "No encryption here"


def test_dtls_is_not_taken_for_it():
    for profile in ("UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF"):
        assert refused(side("offer").receive, audio(profile, LINE)) == "Incompatible transport protocol"


def test_the_encrypted_one_of_two_sections_is_chosen():
    plain, secure = "m=audio 6000 RTP/AVP 0", "m=audio 6002 RTP/SAVP 0"
    for lines in ((plain, secure, LINE), (secure, LINE, plain)):
        negotiation = side("offer")
        sections = answer(negotiation, description(*lines)).media
        assert [(each.protocol, bool(each.port)) for each in sections].count(("RTP/SAVP", True)) == 1
        assert negotiation.media.remote[1] == 6002 and negotiation.media.crypto is not None
    negotiation = side("off")
    answer(negotiation, description(secure, LINE, plain))
    assert negotiation.media.remote[1] == 6000 and negotiation.media.crypto is None


def test_before_we_know_our_address_the_same_is_refused():
    for mode, profile, lines, taken in (
        ("off", "RTP/SAVP", (LINE,), False),
        ("offer", "RTP/SAVP", (LINE,), True),
        ("offer", "RTP/AVP", (), True),
        ("require", "RTP/AVP", (), False),
        ("require", "RTP/AVP", (LINE,), True),
    ):
        allowed = policy(Account(None, None, encryption=mode), True) if mode != "off" else None
        negotiation = Negotiation(None, "1")
        if taken:
            negotiation.receive(audio(profile, *lines), encryption=allowed)
        else:
            raises(Unacceptable, negotiation.receive, audio(profile, *lines), encryption=allowed)


# -- their answers ---------------------------------------------------------------------------------------


def answered(mode, body):
    negotiation = side(mode)
    negotiation.offer()
    return negotiation.answered(body)


def test_an_answer_without_keys_is_a_call_without_encryption_or_none():
    assert answered("offer", audio("RTP/AVP")).crypto is None
    for profile in ("RTP/AVP", "RTP/SAVP"):
        assert refused(answered, "require", audio(profile)) == "Encryption required"
    assert refused(answered, "offer", audio("RTP/SAVP")) == "Encryption required"


def test_an_answer_with_other_keys_than_were_offered_is_no_answer():
    good = CRYPTO % (1, 80)
    assert answered("offer", audio("RTP/AVP", good)).crypto.suite == "AES_CM_128_HMAC_SHA1_80"
    for lines in (
        (CRYPTO % (2, 80),),  # another suite's tag
        (CRYPTO % (9, 80),),
        (CRYPTO % (0, 80),),
        (good, CRYPTO % (4, 32)),  # two
        (good + " KDR=2",),
        (good[:-1],),
        ("a=crypto",),
    ):
        for mode in ("offer", "require"):
            assert refused(answered, mode, audio("RTP/SAVP", *lines)) == "Invalid encryption key"


def test_lifetime_and_mki_of_an_answer_are_kept():
    crypto = answered("require", audio("RTP/SAVP", (CRYPTO % (1, 80)) + "|2^20|1:4")).crypto
    assert [(key.lifetime, key.mki) for key in crypto.receive_keys] == [(1 << 20, b"\0\0\0\1")]


# -- amid a call -----------------------------------------------------------------------------------------


def test_a_further_offer_of_ours_keeps_profile_and_keys():
    for profile in ("RTP/SAVP", "RTP/AVP", "RTP/SAVPF"):
        negotiation = side("offer")
        answer(negotiation, audio(profile, LINE))
        section = sdp.parse(negotiation.offer("sendonly")).media[0]
        assert section.protocol == profile
        ours = [parse(value) for name, value in section.attributes if name == "crypto"]
        assert negotiation.media.crypto.send_key in [each.keys[0].octets for each in ours]


def test_an_offer_amid_a_call_that_takes_encryption_away():
    negotiation = side("require")
    answer(negotiation, audio("RTP/SAVP", LINE))
    agreed = negotiation.media
    assert refused(negotiation.receive, audio("RTP/AVP")) == "Encryption required"
    assert negotiation.media is agreed and negotiation.state == "idle"
    negotiation = side("offer")
    answer(negotiation, audio("RTP/SAVP", LINE))
    answer(negotiation, audio("RTP/AVP"))
    assert negotiation.media.crypto is None


def test_a_new_key_amid_a_call():
    negotiation = side("require")
    answer(negotiation, audio("RTP/SAVP", LINE))
    before = negotiation.media
    answer(negotiation, audio("RTP/SAVP", LINE))
    assert negotiation.media == before
    answer(negotiation, audio("RTP/SAVP", LINE.replace("d0Rm", "AAAA")))
    assert negotiation.media != before
    assert negotiation.media.crypto.send_key == before.crypto.send_key
    assert negotiation.media.crypto.receive_keys != before.crypto.receive_keys


def test_the_keys_stay_when_the_phone_moves():
    negotiation = side("require")
    negotiation.move("192.0.2.77")
    section = sdp.parse(negotiation.offer()).media[0]
    assert section.protocol == "RTP/SAVP" and section.attribute("crypto") is not None


# -- whose ways are safe ---------------------------------------------------------------------------------


def test_keys_go_over_tls_only_unless_they_may():
    for mode, secure, in_clear, expected in (
        ("offer", True, False, True),
        ("offer", False, False, None),
        ("offer", False, True, True),
        ("require", True, False, True),
        ("require", False, True, True),
    ):
        allowed = policy(Account(None, None, encryption=mode, keys_in_clear=in_clear), secure)
        assert (allowed and bool(allowed.keys)) is expected, (mode, secure, in_clear)
    nothing = policy(Account(None, None, encryption="require"), False)
    assert nothing.required and not nothing.keys
    assert refused(Negotiation(None, "1").receive, audio("RTP/SAVP", LINE), ("PCMU",), nothing)
    assert (
        refused(Negotiation(None, "1").receive, audio("RTP/AVP"), ("PCMU",), nothing) == "Encryption required"
    )


def test_keys_are_as_long_as_their_suites_and_of_one_call_only():
    counter = [0]

    def random(count):
        counter[0] += 1
        return bytes([counter[0]]) * count

    made = with_keys(policy(Account(None, None, encryption="offer"), True), random)
    assert [(suite, len(key)) for suite, key in made.keys] == list(SUITES)
    assert len({key for _, key in made.keys}) == len(SUITES)
    assert with_keys(None, random) is None


def test_nothing_shows_a_key():
    negotiation = side("require")
    answer(negotiation, audio("RTP/SAVP", LINE))
    for text in (repr(negotiation.media), repr(negotiation.media.crypto)):
        assert KEY[:8] not in text and "\\x07" not in text
