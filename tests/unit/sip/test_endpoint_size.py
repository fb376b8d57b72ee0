"""Requests over 1300 octets go over TCP, and back to UDP where there is none (RFC 3261 §18.1.1)."""

from compat import ticks_add
from sip.endpoint import Endpoint
from sip.syntax.message import parse
from support.link import BEFORE_WRAP, B, Core, User, counting_random, new_request

NOW = BEFORE_WRAP


def alone():
    endpoint = Endpoint(counting_random(), {"udp": B, "tcp": B})
    endpoint.core = Core()
    return endpoint


def big(method="OPTIONS"):
    return new_request(method, headers=[("Subject", "x" * 1300)])


def test_a_large_request_goes_over_tcp():
    endpoint = alone()
    endpoint.request(big(), None, NOW)
    data, destination, transport = endpoint.to_send(NOW)
    assert (destination, transport) == (("10.0.0.2", 5060), "tcp")
    assert parse(data).via.transport == "TCP"


def test_the_border_is_1300_octets():
    for extra, transport in ((0, "udp"), (1, "tcp")):
        endpoint = alone()
        endpoint.request(new_request("OPTIONS", headers=[("X", "")]), None, NOW)
        size = len(endpoint.to_send(NOW)[0])
        endpoint.request(new_request("OPTIONS", headers=[("X", "y" * (1300 - size + extra))]), None, NOW)
        data, _, used = endpoint.to_send(NOW)
        assert used == transport and len(data) == 1300 + extra


def test_without_tcp_of_our_own_it_stays_on_udp():
    endpoint = Endpoint(counting_random(), {"udp": B})
    endpoint.request(big(), None, NOW)
    assert endpoint.to_send(NOW)[2] == "udp"


def test_when_tcp_fails_udp_is_tried_with_fresh_timers_and_remembered():
    for method in ("OPTIONS", "INVITE"):
        for lost in ("transport_error", "connection_closed"):
            endpoint = alone()
            user = User()
            client = endpoint.request(big(method), user, NOW)
            tcp = endpoint.to_send(NOW)
            later = ticks_add(NOW, 20_000)
            if lost == "transport_error":
                endpoint.transport_error(tcp[1], "tcp", later)
            else:
                endpoint.connection_closed(tcp[1], later)
            data, destination, transport = endpoint.to_send(later)
            assert (destination, transport, client.transport) == (tcp[1], "udp", "udp")
            assert parse(data).via.transport == "UDP" and len(parse(data).vias) == 1
            assert parse(data).via.branch == parse(tcp[0]).via.branch
            endpoint.handle_timer(ticks_add(later, 500))
            assert endpoint.to_send(ticks_add(later, 500))[0] == data
            endpoint.handle_timer(ticks_add(later, 31_999))
            assert user.told == []
            while endpoint.to_send(later):
                pass
            endpoint.handle_timer(ticks_add(later, 32_000))
            assert user.told == ["failure 408"]
            # The next does not try TCP, until ten minutes have passed.
            endpoint.request(big(), None, later)
            assert endpoint._outgoing[-1][2] == "udp"
            endpoint.handle_timer(ticks_add(later, 600_000))
            endpoint.request(big(), None, later)
            assert endpoint._outgoing[-1][2] == "tcp"


def test_tcp_that_was_asked_for_does_not_fall_back():
    endpoint = alone()
    user = User()
    endpoint.request(new_request("OPTIONS"), user, NOW, transport="tcp")
    endpoint.to_send(NOW)
    endpoint.transport_error(B, "udp", NOW)
    assert user.told == []
    endpoint.transport_error(B, "tcp", NOW)
    assert user.told == ["failure 503"] and endpoint.to_send(NOW) is None
