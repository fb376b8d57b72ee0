"""pbx.json's tables: the dial plan, gateways and who may call whom, in virtual time; and what is wrong with them."""

import pytest

from sip.digest import Credentials
from sip.syntax import uri
from support.link import counting_random
from support.site import Site, last_of
from tools import pbx
from tools.lib import pbx_rules

GATEWAYS = {"pstn": "sip:192.0.2.2"}
PLAN = [
    {"match": "0(\\d{3,15})", "to": "\\1@pstn"},
    {"match": "600", "to": ["bob", "carol"]},
    {"match": "601", "to": [["bob"], ["carol"]]},
    {"match": "11[02]", "to": "sip:help@192.0.2.2"},
    {"match": "8(.+)", "to": "\\1"},
]


def site_with(plan=PLAN, policy=None, passwords=None):
    """A Site with alice, who registered, and a gateway that answers as the second peer."""
    site = Site(passwords or {"alice": None, "bob": None, "carol": None, "dave": "secret"})
    site.alice = site.peer("alice")
    site.gateway = site.peer("gateway", 200, at=None)
    assert site.gateway.host == "192.0.2.2"
    if plan:
        site.proxy.plan = pbx_rules.DialPlan(plan, GATEWAYS, site.proxy.targets_of)
    if policy:
        site.proxy.policy = pbx_rules.Policy(policy)
    return site


def call(site, number, **named):
    _, user = site.alice.send("INVITE", "sip:%s@example.com" % number, call_id="call-%s" % number, **named)
    return user.told[-1]


def test_numbers_are_rewritten_and_leave_through_the_gateway():
    site = site_with()
    assert call(site, "0301234") == 200
    assert str(site.gateway.requests[0].uri) == "sip:301234@192.0.2.2"
    assert call(site, "112") == 200
    assert str(site.gateway.requests[-1].uri) == "sip:help@192.0.2.2"
    assert call(site, "05") == 404  # no row, no user


def test_a_group_rings_together_or_one_after_the_other():
    site = site_with()
    bob, carol = site.peer("bob", 180), site.peer("carol", 180)
    call(site, "600")
    assert bob.methods() == carol.methods() == ["INVITE"]
    site = site_with()
    bob, carol = site.peer("bob", 486), site.peer("carol", 200)
    assert call(site, "601") == 200
    assert bob.methods()[:1] == carol.methods()[:1] == ["INVITE"]


def test_nobody_of_a_group_is_there():
    assert call(site_with(), "600") == 480


def test_an_extension_by_another_number():
    site = site_with()
    bob = site.peer("bob", 200)
    assert call(site, "8bob") == 200 and bob.methods()[:1] == ["INVITE"]
    assert call(site, "8nobody") == 480


def test_strangers_do_not_telephone_at_our_expense():
    for policy, status in ((None, 403), ([{"from": "strangers", "to": "112", "allow": True}], 200)):
        site = site_with(policy=policy)
        assert call(site, "112", from_="<sip:x@other.org>;tag=1") == status
        assert call(site, "0301234", from_="<sip:x@other.org>;tag=1") == 403


def test_an_unproved_name_does_not_either():
    site = site_with()
    stranger = site.peer("stranger", at=None)
    _, user = stranger.send("INVITE", "sip:0301234@example.com", from_="<sip:bob@example.com>;tag=1")
    assert user.told == [403]


POLICY = [
    {"from": ["bob"], "to": "0.*", "allow": False},
    {"from": "strangers", "to": "carol", "allow": True},
    {"from": "strangers", "to": "anywhere", "allow": False},
    {"from": "users", "to": "elsewhere", "allow": False},
]


@pytest.mark.parametrize(
    "sender, target, status",
    [
        ("alice@example.com", "sip:0301234@example.com", 200),
        ("bob@example.com", "sip:0301234@example.com", 403),
        ("bob@example.com", "sip:carol@example.com", 200),
        ("x@other.org", "sip:carol@example.com", 200),
        ("x@other.org", "sip:alice@example.com", 403),
        ("alice@example.com", "sip:someone@192.0.2.2", 403),
        ("x@other.org", "sip:someone@192.0.2.2", 403),
        ("nobody@example.com", "sip:carol@example.com", 407),
    ],
)
def test_who_may_call_whom(sender, target, status):
    site = site_with(policy=POLICY)
    site.peer("carol", 200)
    _, user = site.alice.send("INVITE", target, from_="<sip:%s>;tag=1" % sender)
    assert user.told[-1] == status


def test_nothing_that_a_policy_says_makes_an_open_relay():
    site = site_with(policy=[{"from": "anyone", "to": "anywhere", "allow": True}])
    for sender in ("x@other.org", "dave@example.com", "carol@example.com"):
        _, user = site.alice.send(
            "INVITE", "sip:someone@192.0.2.2", from_="<sip:%s>;tag=1" % sender, call_id=sender
        )
        assert user.told[-1] in (403, 407), sender
    assert site.gateway.requests == []
    # Who proves to be somebody may.
    _, user = site.alice.send(
        "INVITE", "sip:someone@192.0.2.2", from_="<sip:dave@example.com>;tag=1", call_id="d"
    )
    headers = Credentials("dave", "secret").answer(
        last_of(user), "INVITE", "sip:someone@192.0.2.2", b"", counting_random()
    )
    _, user = site.alice.send(
        "INVITE",
        "sip:someone@192.0.2.2",
        from_="<sip:dave@example.com>;tag=1",
        call_id="d",
        cseq=2,
        headers=headers,
    )
    assert user.told[-1] == 200


GOOD = {"users": {"201": "secret", "202": None}, "gateways": {"out": "sip:gw.example.net"}}


@pytest.mark.parametrize(
    "given, mistake",
    [
        (
            {"gateways": {"out": "gw"}},
            "gateways.out: must be a SIP URI without a user, such as sip:gateway.example.net",
        ),
        ({"gateways": {"out": 5}}, "gateways.out: must be a SIP URI"),
        ({"edges": {"example.org": "x"}}, "edges.example.org: must be a SIP URI"),
        ({"dial_plan": {}}, "dial_plan: must be a list"),
        ({"dial_plan": [5]}, "dial_plan[0]: must be an object"),
        ({"dial_plan": [{"match": "1"}]}, "dial_plan[0].to: is missing"),
        (
            {"dial_plan": [{"match": "1", "to": "201", "too": 1}]},
            "dial_plan[0].too: no such setting; there are: match, to",
        ),
        (
            {"dial_plan": [{"match": "(", "to": "201"}]},
            "dial_plan[0].match: missing ), unterminated subpattern",
        ),
        (
            {"dial_plan": [{"match": "1", "to": "201"}, {"match": "2", "to": "203"}]},
            "dial_plan[1].to: there is no user 203",
        ),
        (
            {"dial_plan": [{"match": "0(.*)", "to": "\\2@out"}]},
            "dial_plan[0].to: \\2@out: invalid group reference 2",
        ),
        ({"dial_plan": [{"match": "0(.*)", "to": "\\1@in"}]}, "dial_plan[0].to: there is no gateway in"),
        ({"dial_plan": [{"match": "1", "to": "sip:@"}]}, "dial_plan[0].to: sip:@ is not a SIP URI"),
        ({"dial_plan": [{"match": "1", "to": []}]}, "dial_plan[0].to: must be a target or a list of them"),
        ({"dial_plan": [{"match": "1", "to": [[5]]}]}, "dial_plan[0].to: must be a target or a list of them"),
        (
            {"policy": [{"from": "all", "to": "here", "allow": True}]},
            "policy[0].from: must be a list of users, or one of",
        ),
        (
            {"policy": [{"from": ["205"], "to": "here", "allow": True}]},
            "policy[0].from: there is no user 205",
        ),
        (
            {"policy": [{"from": "users", "to": "[", "allow": True}]},
            "policy[0].to: unterminated character set",
        ),
        ({"policy": [{"from": "users", "to": "here", "allow": 1}]}, "policy[0].allow: must be true or false"),
        ({"tls_certificate": "a.pem"}, "tls_key: a certificate and its key are needed, both"),
        ({"tls_ca": "a.pem"}, "tls_certificate: is missing"),
        ({"dns": ["a:b"]}, "dns: must be addresses"),
        ({"flow_timer": 5}, "flow_timer: must be 10 to 3600"),
    ],
)
def test_every_mistake_is_told_with_its_place(given, mistake):
    with pytest.raises(pbx.Mistakes) as raised:
        pbx.check({**GOOD, **given})
    assert str(raised.value).startswith(mistake), str(raised.value)


def test_the_example_of_the_documentation_is_right():
    config = pbx.check(
        {
            **GOOD,
            "dial_plan": [
                {"match": "0(\\d+)", "to": "\\1@out"},
                {"match": "600", "to": [["201", "202"], ["202"]]},
            ],
            "policy": [{"from": ["202"], "to": "0.*", "allow": False}],
        }
    )
    plan = pbx_rules.DialPlan(
        config["dial_plan"], config["gateways"], lambda extension, q: [(extension.name, q)]
    )
    assert plan(uri.parse("sip:600@h")) == [("201", 1000), ("202", 1000), ("202", 999)]
    assert [str(target.uri) for target in plan(uri.parse("sip:0123@h"))] == ["sip:123@gw.example.net"]
    assert plan(uri.parse("sip:0%0d%0a@h")) is None
