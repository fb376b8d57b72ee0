"""The registrar, step by step as in RFC 3261 §10.3, through its endpoint in virtual time."""

from compat import ticks_add
from sip.digest import Credentials, ha1
from sip.endpoint import Endpoint
from sip.server.registrar import Registrar, accounts
from sip.syntax.message import parse
from support.link import BEFORE_WRAP, answers_of, counting_random, new_request

PHONE = ("192.0.2.1", 5060)
ADDRESS = ("192.0.2.100", 5060)
DOMAIN = "example.com"


class Server:
    """A registrar at the end of an endpoint, and a phone that speaks to it; `now` moves with `pass_time`."""

    def __init__(self, passwords=None, **settings):
        self.now = BEFORE_WRAP
        self.endpoint = Endpoint(counting_random(), {"udp": ADDRESS, "tcp": ADDRESS})
        users, authenticator = (None, None)
        if passwords:
            users, authenticator = accounts(passwords, DOMAIN, counting_random(500), ["SHA-256"])
        self.registrar = Registrar(self.endpoint, [DOMAIN], users, authenticator, **settings)
        self.endpoint.core = self
        self.cseq = 0
        self.transport = "udp"

    def on_request(self, transaction, now):
        self.registrar.register(transaction, now)

    def register(self, *contacts, **named):
        """The answer to a REGISTER with these Contact values."""
        self.cseq += 1
        cseq = named.get("cseq", self.cseq)
        name = named.get("name", "201")
        request = new_request("REGISTER", "sip:" + DOMAIN, named.get("call_id", "r"), cseq)
        request.set("From", "<sip:%s@%s>;tag=x" % (name, DOMAIN))
        request.set("To", "<sip:%s@%s>" % (name, named.get("domain", DOMAIN)))
        request.add("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKr%d" % self.cseq)
        for contact in contacts:
            request.add("Contact", contact)
        for header, value in named.get("headers", ()):
            request.add(header, value)
        return self.send(request)

    def send(self, request):
        self.endpoint.receive(request.to_bytes(), PHONE, "udp", self.now)
        [(response, _, _)] = answers_of(self.endpoint, self.now)
        return response

    def pass_time(self, seconds):
        for _ in range(seconds):
            self.now = ticks_add(self.now, 1000)
            self.endpoint.handle_timer(self.now)

    def uris(self, name="201"):
        return [str(binding.uri) for binding in self.registrar.lookup(name)]


def test_a_binding_is_made_told_and_expires():
    server = Server()
    response = server.register("<sip:201@192.0.2.1>;expires=100")
    assert response.status == 200
    assert response.all("Contact") == ["<sip:201@192.0.2.1>;expires=100"]
    server.pass_time(99)
    assert server.uris() == ["sip:201@192.0.2.1"]
    assert server.register().all("Contact") == ["<sip:201@192.0.2.1>;expires=1"]
    server.pass_time(1)
    assert server.uris() == [] and server.register().all("Contact") == []


def test_where_the_seconds_come_from():
    cases = (
        ("<sip:a@h>;expires=100", [("Expires", "200")], 100),
        ("<sip:a@h>", [("Expires", "200")], 200),
        ("<sip:a@h>", [], 3600),
        ("<sip:a@h>;expires=99999", [], 7200),
        ("<sip:a@h>;expires=4294967295", [], 7200),
        ("<sip:a@h>;expires=soon", [], 3600),
        ("<sip:a@h>", [("Expires", "never")], 3600),
        ("<sip:a@h>;expires=60", [], 60),
    )
    for contact, headers, seconds in cases:
        response = Server().register(contact, headers=headers)
        assert response.all("Contact") == ["<sip:a@h>;expires=%d" % seconds], (contact, headers)


def test_too_brief_is_423_and_changes_nothing():
    server = Server(min_expires=120)
    server.register("<sip:a@h>;expires=200")
    response = server.register("<sip:b@h>;expires=300", "<sip:a@h>;expires=119")
    assert response.status == 423 and response.min_expires == 120
    assert server.uris() == ["sip:a@h"]
    assert server.register("<sip:a@h>;expires=0").status == 200 and server.uris() == []


def test_refreshing_replaces_an_equal_uri():
    server = Server()
    server.register("<sip:201@192.0.2.1;transport=udp>;expires=100;q=0.5")
    server.pass_time(50)
    response = server.register('"Desk" <sip:201@192.0.2.1;Transport=UDP>;expires=100')
    assert response.all("Contact") == ['"Desk" <sip:201@192.0.2.1;transport=UDP>;expires=100']
    server.pass_time(60)  # the first timer is gone
    assert len(server.uris()) == 1
    server.register("<sip:201@192.0.2.1:5062>")
    assert len(server.uris()) == 2


def test_several_contacts_come_by_preference_then_by_age():
    server = Server()
    server.register("<sip:best@h>", "<sip:odd@h>;q=2")
    server.register("<sip:low@h>;q=0.1", "<sip:old@h>;q=0.7, <sip:new@h>;q=0.7")
    assert server.uris() == ["sip:odd@h", "sip:best@h", "sip:new@h", "sip:old@h", "sip:low@h"]


def test_parameters_of_a_contact_come_back():
    server = Server()
    response = server.register('<sip:a@h>;+sip.instance="<urn:uuid:1>";q=0.5;expires=70')
    assert response.all("Contact") == ['<sip:a@h>;+sip.instance="<urn:uuid:1>";q=0.5;expires=70']


def test_a_wildcard_removes_all_and_only_as_it_must():
    for contacts, headers, status, left in (
        (["*"], [("Expires", "0")], 200, 0),
        (["*"], [], 400, 2),
        (["*"], [("Expires", "10")], 400, 2),
        (["*", "<sip:a@h>"], [("Expires", "0")], 400, 2),
    ):
        server = Server()
        server.register("<sip:a@h>", "<sip:b@h>")
        assert server.register(*contacts, headers=headers).status == status
        assert len(server.uris()) == left
    assert Server().register("*", headers=[("Expires", "0")]).status == 200


def test_a_request_that_was_overtaken_changes_nothing():
    server = Server()
    server.register("<sip:a@h>", cseq=10)
    for contact, headers in (("<sip:a@h>;expires=0", []), ("*", [("Expires", "0")])):
        for cseq in (9, 10):
            assert server.register("<sip:new@h>", cseq=cseq, call_id="other").status == 200
            assert server.register("<sip:new@h>;expires=0", cseq=cseq + 1, call_id="other").status == 200
            assert server.register(contact, cseq=cseq, headers=headers).status == 500
            assert server.uris() == ["sip:a@h"]
    # Another Call-ID is a restarted phone; what it says counts (§10.3(7)).
    assert server.register("<sip:a@h>;expires=0", cseq=1, call_id="restarted").status == 200
    assert server.uris() == []


def test_who_is_not_known_is_404_where_nobody_has_a_password():
    server = Server({"open": None})
    assert server.register("<sip:a@h>", name="203").status == 404
    server = Server({"201": "secret", "open": None})
    assert server.register("<sip:a@h>", name="203").status == server.register("<sip:a@h>", name="201").status
    assert server.register("<sip:a@h>", name="open", domain="elsewhere.org").status == 404
    assert server.register("<sip:a@h>", name="open").status == 200
    assert not Server().registrar.knows("")


def test_a_guarded_user_must_prove_the_password():
    server = Server({"201": "secret", "202": "other"})
    challenge = server.register("<sip:a@h>")
    assert challenge.status == 401 and server.uris() == []
    assert challenge.get("WWW-Authenticate").startswith('Digest realm="example.com"')

    def with_password(user, password):
        identity = Credentials(user, password)
        headers = identity.answer(challenge, "REGISTER", "sip:" + DOMAIN, b"", counting_random())
        return server.register("<sip:a@h>", headers=headers)

    assert with_password("201", "wrong").status == 401
    assert with_password("nobody", "x").status == 401
    assert with_password("202", "other").status == 403 and server.uris() == []
    challenge = server.register("<sip:a@h>")
    assert with_password("201", "secret").status == 200 and server.uris() == ["sip:a@h"]


def test_an_old_nonce_is_stale_not_wrong():
    server = Server({"201": "secret"})
    challenge = server.register("<sip:a@h>")
    identity = Credentials("201", "secret")
    headers = identity.answer(challenge, "REGISTER", "sip:" + DOMAIN, b"", counting_random())
    server.pass_time(301)
    response = server.register("<sip:a@h>", headers=headers)
    assert response.status == 401 and "stale=true" in response.get("WWW-Authenticate")


def test_extensions_that_it_lacks_are_refused():
    response = Server().register("<sip:a@h>", headers=[("Require", "path")])
    assert response.status == 420 and response.get("Unsupported") == "path"


def test_contacts_are_bounded_in_number_and_kind():
    server = Server(max_contacts=3)
    for number in range(5):
        server.register("<sip:c%d@h>" % number)
    assert server.uris() == ["sip:c4@h", "sip:c3@h", "sip:c2@h"]
    assert server.register(*["<sip:d%d@h>" % number for number in range(4)]).status == 400
    assert server.register("<tel:123>").status == 400
    assert server.uris() == ["sip:c4@h", "sip:c3@h", "sip:c2@h"]


def test_registered_names_are_bounded_in_number():
    server = Server(max_users=2)
    for name, status in (("1", 200), ("2", 200), ("3", 503), ("2", 200)):
        response = server.register("<sip:%s@h>" % name, name=name)
        assert response.status == status
    server.register("*", name="1", headers=[("Expires", "0")])
    assert server.register("<sip:3@h>", name="3").status == 200


def test_names_are_compared_without_their_escapes():
    server = Server()
    server.register("<sip:a@h>", name="%32%30%31")
    assert server.uris("201") == ["sip:a@h"]


def test_changes_are_told():
    server = Server()
    told = []
    server.registrar.on_change = lambda name: told.append((name, len(server.uris(name))))
    server.register("<sip:a@h>;expires=60")
    server.register()  # a query changes nothing
    server.pass_time(60)
    assert told == [("201", 1), ("201", 0)]


def test_a_date_is_told_where_there_is_a_clock():
    assert Server().register().get("Date") is None
    date = "Sat, 13 Nov 2010 23:29:00 GMT"
    assert Server(date=lambda: date).register().get("Date") == date


def test_a_binding_remembers_where_it_came_from():
    server = Server()
    server.register("<sip:a@h>")
    [binding] = server.registrar.lookup("201")
    assert (binding.source, binding.transport) == (PHONE, "udp")


def test_accounts_keep_no_password():
    users, authenticator = accounts({"201": "secret", "202": None}, "r", counting_random(), ["SHA-256"])
    assert users == {"201": True, "202": False}
    assert authenticator._lookup("201", "SHA-256") == ha1("201", "r", "secret", "SHA-256")
    assert authenticator._lookup("202", "SHA-256") is None
    assert authenticator._lookup("201", "MD5") is None


def test_a_malformed_contact_is_a_bad_request():
    server = Server()
    request = new_request("REGISTER", "sip:" + DOMAIN)
    request.insert("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKbad")
    request.set("To", "<sip:201@%s>" % DOMAIN)
    request.add("Contact", "<sip:a@h")
    server.endpoint.receive(request.to_bytes(), PHONE, "udp", server.now)
    data, _, _ = server.endpoint.to_send(server.now)
    assert parse(data).status == 400
