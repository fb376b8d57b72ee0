"""Gives one datagram to one SIP element and records the outcome, for torture messages."""

import compat  # noqa: F401 - first: as the last of a chain of imports it would nest too deep for MicroPython
from sip.agent.account import Account
from sip.agent.user_agent import UserAgent
from sip.call.events import IncomingCall
from sip.endpoint import Endpoint
from sip.server.proxy import Proxy
from sip.server.registrar import Registrar, accounts
from sip.syntax import uri
from sip.syntax.message import MessageError, Request, parse
from support.link import BEFORE_WRAP, counting_random

US = ("192.0.2.200", 5060)
SOURCE = ("192.0.2.15", 5060)
DOMAIN = "example.com"


class Outcome:
    """`answers`: the responses sent, as messages (None: unreadable); `octets`: the same as bytes.

    `forwarded`: the requests forwarded; `counters`: the endpoint's; `call`: the Session of an incoming call;
    `bindings`: those registered.
    """

    def __init__(self):
        self.answers = []
        self.octets = []
        self.forwarded = []
        self.counters = {}
        self.call = None
        self.bindings = []

    @property
    def statuses(self):
        return [int(octets[8:11]) for octets in self.octets]


def into(role, data, transport="udp", source=SOURCE, us=US, passwords=None) -> Outcome:
    """Give `data` to a "phone", "registrar" or "proxy". The phone has an account for the URI's user."""
    outcome = Outcome()
    endpoint = Endpoint(counting_random(), {"udp": us, "tcp": us})
    registrar = None
    if role == "phone":
        agent = UserAgent(endpoint)
        for name in (_user(data), "alice"):
            if name:
                agent.add(Account(uri.Uri("sip", us[0], user=name), None))
    else:
        users, authenticator = None, None
        if passwords:
            users, authenticator = accounts(passwords, DOMAIN, counting_random(500), ["SHA-256"])
        registrar = Registrar(endpoint, [DOMAIN], users, authenticator)
        Proxy(endpoint, registrar)
    endpoint.receive(data, source, transport, BEFORE_WRAP)
    for event in endpoint.events():
        if isinstance(event, IncomingCall):
            outcome.call = event.session
            event.session.ring(BEFORE_WRAP)
    while True:
        sent = endpoint.to_send(BEFORE_WRAP)
        if sent is None:
            break
        if not sent[0].startswith(b"SIP/2.0 "):
            outcome.forwarded += [parse(sent[0])] if sent[0] else []
        elif not sent[0].startswith(b"SIP/2.0 100"):
            outcome.octets.append(sent[0])
            outcome.answers.append(_read(sent[0]))
    outcome.counters = endpoint.counters
    if registrar is not None:
        outcome.bindings = [
            str(each.uri) for name in sorted(registrar._bindings) for each in registrar.lookup(name)
        ]
    return outcome


def _read(octets):
    try:
        return parse(octets)
    except MessageError:
        return None  # the answer echoes malformed headers


def _user(data):
    try:
        message = parse(data)
    except MessageError as error:
        message = error.request
    return message.uri.user if isinstance(message, Request) and message.uri else None
