"""Digest as client and as server, against the RFCs' own numbers (RFC 2617, RFC 7616, RFC 8760)."""

import hashlib

from sip import digest
from sip.digest import Credentials, MissingAlgorithm, ha1
from sip.server.authenticator import Authenticator
from sip.syntax.headers import parse_challenge
from sip.syntax.message import Request, Response
from sip.syntax.uri import parse as uri
from support.check import raises

NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
OLD_NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093"

# (source, realm, password, algorithm, nonce, cnonce, qop, response): Mufasa asks to GET /dir/index.html
VECTORS = [
    (
        "RFC 7616 §3.9.1",
        "http-auth@example.org",
        "Circle of Life",
        "MD5",
        NONCE,
        CNONCE,
        "auth",
        "8ca523f5e9506fed4657c9700eebdbec",
    ),
    (
        "RFC 7616 §3.9.1",
        "http-auth@example.org",
        "Circle of Life",
        "SHA-256",
        NONCE,
        CNONCE,
        "auth",
        "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    ),
    (
        "RFC 2617 §3.5",
        "testrealm@host.com",
        "Circle Of Life",
        "MD5",
        OLD_NONCE,
        "0a4f113b",
        "auth",
        "6629fae49393a05397450978507c4ef1",
    ),
    (
        "RFC 2069 §2.4, erratum 749",
        "testrealm@host.com",
        "CircleOfLife",
        "MD5",
        OLD_NONCE,
        "",
        None,
        "1949323746fe6a43ef61f9606e7febea",
    ),
]


def digits(count=8):
    """A predictable source of "random" octets."""
    state = [0]

    def random(length):
        state[0] += 1
        return bytes([(state[0] * 37 + each * 11) & 255 for each in range(length)])

    return random


def challenged(*challenges, status=401, name="WWW-Authenticate"):
    response = Response(status)
    for challenge in challenges:
        response.add(name, challenge)
    return response


def answered(identity, response, method="REGISTER", target="sip:example.org", request=None):
    answers = identity.answer(response, method, uri(target), b"", digits(), request)
    return answers and [(name, parse_challenge(value)[1]) for name, value in answers]


def expected(params, user, realm, password, method, target):
    """The response worked out step by step, as RFC 7616 §3.4 writes it."""
    algorithm = params.get("algorithm", "MD5")
    hash_name = "sha256" if algorithm.startswith("SHA-256") else "md5"

    def h(text):
        return "".join("%02x" % octet for octet in getattr(hashlib, hash_name)(text.encode()).digest())

    secret = h(user + ":" + realm + ":" + password)
    if algorithm.endswith("-sess"):
        secret = h(secret + ":" + params["nonce"] + ":" + params["cnonce"])
    middle = params["nonce"]
    if "qop" in params:
        middle += ":" + params["nc"] + ":" + params["cnonce"] + ":" + params["qop"]
    return h(secret + ":" + middle + ":" + h(method + ":" + target))


def test_the_numbers_of_the_rfcs():
    for source, realm, password, algorithm, nonce, cnonce, qop, response in VECTORS:
        secret = ha1("Mufasa", realm, password, algorithm)
        ours = digest.digest_response(
            algorithm, False, secret, nonce, cnonce, "00000001", qop, "GET", "/dir/index.html", b""
        )
        assert ours == response, source


def test_the_client_answers_in_full():
    identity = Credentials("Mufasa", "Circle of Life")
    [(header, params)] = answered(
        identity,
        challenged(
            'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, '
            'nonce="' + NONCE + '", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
        ),
    )
    assert header == "Authorization"
    cnonce = params.pop("cnonce")
    response = params.pop("response")
    assert sorted(params.items()) == [
        ("algorithm", "SHA-256"),
        ("nc", "00000001"),
        ("nonce", NONCE),
        ("opaque", "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"),
        ("qop", "auth"),
        ("realm", "http-auth@example.org"),
        ("uri", "sip:example.org"),
        ("username", "Mufasa"),
    ]
    params["cnonce"] = cnonce
    assert response == expected(
        params, "Mufasa", "http-auth@example.org", "Circle of Life", "REGISTER", "sip:example.org"
    )


def test_every_kind_of_challenge():
    # (what follows the realm and nonce, parameters that the answer has, parameters that it has not)
    for challenge, present, absent in (
        ("", {}, ("qop", "nc", "cnonce", "algorithm", "opaque")),
        (", algorithm=MD5", {"algorithm": "MD5"}, ("qop", "nc", "cnonce")),
        (', qop="auth"', {"qop": "auth", "nc": "00000001"}, ("algorithm",)),
        (", qop=auth, algorithm=md5", {"algorithm": "md5", "qop": "auth"}, ()),
        (', qop="auth-int,auth"', {"qop": "auth"}, ()),
        (', algorithm=MD5-sess, qop="auth"', {"algorithm": "MD5-sess"}, ()),
        (", algorithm=SHA-256-sess, qop=auth", {"algorithm": "SHA-256-sess"}, ()),
        (", algorithm=MD5-sess", {"algorithm": "MD5-sess"}, ("qop", "nc")),
        (', opaque=""', {"opaque": ""}, ()),
        (', future="1", stale=FALSE', {}, ("future",)),
    ):
        challenge = 'Digest realm="r", nonce="n"' + challenge
        [(_, params)] = answered(Credentials("ü", "pä:ss"), challenged(challenge))
        for name, value in present.items():
            assert params[name] == value, challenge
        for name in absent:
            assert name not in params, challenge
        upper = params.get("algorithm", "MD5").replace("md5", "MD5")
        params["algorithm"] = upper
        response = expected(params, "ü", "r", "pä:ss", "REGISTER", "sip:example.org")
        assert params["response"] == response, challenge


def test_what_cannot_be_answered():
    for challenge in (
        'Basic realm="r"',
        'Digest realm="r"',
        'Digest nonce="n"',
        'Digest realm="r", nonce="n',
        'Digest realm="r", nonce="n", algorithm=SHA-512-256',
        'Digest realm="r", nonce="n", algorithm=token',
        'Digest realm="r", nonce="n", qop="future"',
        "Digest",
        "",
    ):
        identity = Credentials("u", "p")
        assert answered(identity, challenged(challenge)) is None, challenge
        assert identity.problem, challenge
    assert answered(Credentials("u", "p"), Response(401)) is None
    assert answered(Credentials("u", "p", realm="mine"), challenged('Digest realm="r", nonce="n"')) is None


def test_the_strongest_of_several_is_taken():
    start = 'Digest realm="r", '
    md5 = start + 'nonce="1", algorithm=MD5, qop="auth"'
    plain = start + 'nonce="2"'
    sha = start + 'nonce="3", algorithm=SHA-256, qop="auth"'
    sha_plain = start + 'nonce="4", algorithm=SHA-256'
    unknown = start + 'nonce="5", algorithm=SHA-512-256, qop="auth"'
    for challenges, nonce in (
        ((md5, sha), "3"),
        ((sha, md5), "3"),
        ((plain, md5), "1"),
        ((unknown, md5), "1"),
        ((md5, sha_plain), "4"),
        ((sha_plain, sha), "3"),
        ((unknown, plain, sha, md5), "3"),
        ((md5, start + 'nonce="6", algorithm=MD5, qop="auth"'), "1"),
    ):
        [(_, params)] = answered(Credentials("u", "p"), challenged(*challenges))
        assert params["nonce"] == nonce


def test_realms_and_headers_are_answered_each():
    response = challenged(
        'Digest realm="a", nonce="1"', 'Digest realm="b", nonce="2"', status=407, name="Proxy-Authenticate"
    )
    response.add("WWW-Authenticate", 'Digest realm="a", nonce="3"')
    identity = Credentials("u", "p")
    answers = answered(identity, response)
    assert sorted((name, params["realm"], params["nonce"]) for name, params in answers) == [
        ("Authorization", "a", "3"),
        ("Proxy-Authorization", "a", "1"),
        ("Proxy-Authorization", "b", "2"),
    ]
    assert len(identity.authorize("INVITE", "sip:x")) == 3


def test_the_nonce_count_goes_on_and_starts_anew():
    identity = Credentials("u", "p")
    assert identity.authorize("REGISTER", "sip:x") == []
    challenge = 'Digest realm="r", nonce="%s", qop="auth"'
    [(_, params)] = answered(identity, challenged(challenge % "1"))
    assert params["nc"] == "00000001"
    for count in range(2, 18):
        [(header, value)] = identity.authorize("REGISTER", uri("sip:example.org"))
        params = parse_challenge(value)[1]
        assert (header, params["nc"], params["nonce"]) == ("Authorization", "%08x" % count, "1")
        assert params["response"] == expected(params, "u", "r", "p", "REGISTER", "sip:example.org")
    # The same nonce for another request: its count goes on. A new one: from one.
    assert answered(identity, challenged(challenge % "1"))[0][1]["nc"] == "00000012"
    assert answered(identity, challenged(challenge % "2"))[0][1]["nc"] == "00000001"
    identity.forget()
    assert identity.authorize("REGISTER", "sip:x") == []


def test_a_refused_password_is_not_sent_again():
    identity = Credentials("u", "wrong")
    first = challenged('Digest realm="r", nonce="1", qop="auth"')
    request = Request("REGISTER", uri("sip:example.org"))
    for name, value in identity.answer(first, "REGISTER", request.uri, b"", digits(), request):
        request.add(name, value)
    assert answered(identity, first, request=request) is None
    assert identity.problem
    assert answered(identity, challenged('Digest realm="r", nonce="1", stale=TRUE'), request=request)
    assert answered(identity, challenged('Digest realm="r", nonce="2", stale=true'), request=request)


def test_what_is_remembered_is_bounded():
    identity = Credentials("u", "p")
    for realm in range(100):
        answered(identity, challenged('Digest realm="%d", nonce="1"' % realm))
    assert len(identity.authorize("REGISTER", "sip:x")) <= 8
    many = challenged(*['Digest realm="%d", nonce="1"' % realm for realm in range(100)])
    assert len(answered(identity, many)) <= 8


def test_a_password_is_not_to_be_seen():
    identity = Credentials("alice", "s3cret")
    answered(identity, challenged('Digest realm="r", nonce="1"'))
    assert repr(identity) == "<Credentials alice>"
    for value in (
        str(identity),
        repr(identity.__dict__),
        repr([identity._password]),
        str(identity.authorize("A", "sip:x")),
    ):
        assert "s3cret" not in value


def test_values_cannot_break_out_of_their_quotes():
    challenge = r'Digest realm="r\"\\", nonce="n\",x"'
    [(_, params)] = answered(Credentials('a", realm="x', "p"), challenged(challenge))
    assert (params["username"], params["realm"], params["nonce"]) == ('a", realm="x', 'r"\\', 'n",x')


def test_a_build_without_a_digest_says_so():
    raises(MissingAlgorithm, ha1, "u", "r", "p", "SHA-512-256")
    raises(MissingAlgorithm, Authenticator, "r", None, digits(), ["SHA-512-256"])

    class Bare:
        sha256 = hashlib.sha256

    whole = digest.hashlib
    digest.hashlib = Bare
    try:
        assert digest.supported() == ["SHA-256"]
        assert "md5" in str(raises(MissingAlgorithm, ha1, "u", "r", "p", "MD5"))
        identity = Credentials("u", "p")
        assert answered(identity, challenged('Digest realm="r", nonce="n"')) is None
        assert "lacks" in identity.problem
        assert answered(identity, challenged('Digest realm="r", nonce="n", algorithm=SHA-256'))
        assert Authenticator("r", None, digits()).algorithms == ("SHA-256",)
    finally:
        digest.hashlib = whole


def asked(identity, *realms, trusted=None, algorithm="MD5"):
    """The realms that `identity` answers for, of a response that asks for these."""
    response = Response(401)
    for realm in realms:
        response.add(
            "WWW-Authenticate", 'Digest realm="%s", nonce="n", qop="auth", algorithm=%s' % (realm, algorithm)
        )
    answers = identity.answer(response, "INVITE", "sip:x", b"", digits(), None, trusted) or []
    return [parse_challenge(value)[1]["realm"] for _, value in answers]


def test_only_our_own_server_may_name_a_new_realm():
    identity = Credentials("alice", "secret")
    assert asked(identity, "pbx", trusted=[]) == []
    assert "realm" in identity.problem
    assert asked(identity, "example.com", trusted=["example.com"]) == ["example.com"]
    # A REGISTER was asked: from now on that realm is known.
    assert asked(identity, "pbx") == ["pbx"]
    assert asked(identity, "pbx", "thief", trusted=[]) == ["pbx"]
    for number in range(9):
        asked(identity, "r%d" % number)
    assert asked(identity, "pbx", "r4", "r5", "r8", trusted=[]) == ["r5", "r8"]


def test_a_configured_realm_is_the_only_one():
    identity = Credentials("alice", "secret", "pbx")
    assert asked(identity, "pbx", "other") == ["pbx"]
    assert asked(identity, "other", trusted=["other"]) == []


def test_no_weaker_digest_than_is_configured():
    if "SHA-256" not in digest.supported():
        return
    identity = Credentials("alice", "secret", minimum="SHA-256")
    if "MD5" in digest.supported():
        for algorithm in ("MD5", "MD5-sess", "md5"):
            assert asked(identity, "pbx", algorithm=algorithm) == []
            assert "weaker" in identity.problem
    assert asked(identity, "pbx", algorithm="SHA-256") == ["pbx"]
    assert asked(identity, "pbx", algorithm="SHA-256-sess") == ["pbx"]
