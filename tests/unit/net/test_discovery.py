"""Discovery: the two questions, and what may come back."""

import asyncio
import struct

import compat
from net import discovery, dns
from net.udp import free_socket
from sip.syntax.headers import CSeq, NameAddr
from sip.syntax.message import Request, Response, parse
from support.dns_server import answer, raw_record

MAC = "02:00:00:00:00:AB"
URL = "http://192.0.2.7:8080/phones"


def question():
    made = discovery.ProfileQuestion(MAC, "Bakelite/1.2")
    made.begin("192.0.2.1", 30000)
    return made


def notify(subscribe, kind="application/url", body=URL, **changed):
    made = Request("NOTIFY", subscribe.contacts[0].uri, None, body.encode())
    made.add("Via", "SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx")
    made.add("From", NameAddr(subscribe.to.uri, None, {"tag": "server"}))
    made.add("To", NameAddr(subscribe.from_.uri, None, {"tag": changed.get("tag", subscribe.from_.tag)}))
    made.add("Call-ID", changed.get("call_id", subscribe.call_id))
    made.add("CSeq", CSeq(1, "NOTIFY"))
    made.add("Event", "ua-profile")
    made.add("Content-Type", kind)
    return made.to_bytes()


def test_the_subscribe_says_who_asks():
    subscribe = parse(question().to_bytes())
    assert subscribe.method == "SUBSCRIBE" and str(subscribe.uri) == "sip:MAC%3a0200000000ab@224.0.1.75"
    assert subscribe.get("Event") == (
        'ua-profile;profile-type="device";vendor="Bakelite";model="Bakelite";version="1.2"'
    )
    assert str(subscribe.contacts[0].uri) == "sip:0200000000ab@192.0.2.1:30000" and subscribe.expires == 0


def test_a_notify_names_the_url_in_either_way_and_is_answered():
    external = 'message/external-body;access-type="URL";expiration="x";URL="%s"' % URL
    for kind, body in (("application/url", URL + "\r\n"), (external, "")):
        asked = question()
        reply, url = asked.receive(notify(parse(asked.to_bytes()), kind, body))
        assert url == URL, kind
        assert isinstance(parse(reply), Response) and parse(reply).status == 200


def test_what_is_for_somebody_else_or_no_url_is_dropped():
    asked = question()
    subscribe = parse(asked.to_bytes())
    for octets in (
        b"",
        b"\0" * 40,
        Response.of(subscribe, 200).to_bytes(),
        notify(subscribe, call_id="other"),
        notify(subscribe, tag="other"),
        notify(subscribe).replace(b"NOTIFY", b"INVITE"),
    ):
        assert asked.receive(octets) == (None, None)
    for body in ("", "ftp://x/", "http://user:secret@x/", "javascript:1", "http://x/" + "a" * 300):
        reply, url = asked.receive(notify(subscribe, body=body))
        assert url is None and reply is not None, body


def texts(*values):
    return b"".join([bytes([len(value)]) + value.encode() for value in values])


def test_dns_sd_by_the_additional_record_and_by_a_second_question():
    instance = "phones." + discovery.SERVICE
    pointer = raw_record(discovery.SERVICE, dns.PTR, dns.name_octets(instance))
    text = raw_record(instance, dns.TXT, texts("v=1", "url=" + URL))
    asked = discovery.ServiceQuestion()
    assert asked.receive(answer(asked.to_bytes(), [pointer], [text])) == (None, URL)
    asked = discovery.ServiceQuestion()
    second, url = asked.receive(answer(asked.to_bytes(), [pointer]))
    assert url is None and asked.receive(answer(second, [text])) == (None, URL)
    assert asked.receive(answer(second, [pointer])) == (None, None)
    for record in (
        raw_record("phones.evil.example", dns.TXT, texts("url=" + URL)),
        raw_record(instance, dns.TXT, texts("url=file:///etc")),
        raw_record(instance, dns.TXT, b"\xffurl=x"),
    ):
        asked = discovery.ServiceQuestion()
        assert asked.receive(answer(asked.to_bytes(), [record])) == (None, None)
    asked = discovery.ServiceQuestion()
    octets = answer(asked.to_bytes(), [text])
    wrong = struct.pack("!H", struct.unpack("!H", octets[:2])[0] ^ 1) + octets[2:]
    assert asked.receive(wrong) == (None, None)


def test_asking_ends_with_the_first_answer_and_survives_a_flood():
    async def run():
        server = free_socket("127.0.0.1", 2048)
        for flood, expected in ((0, URL), (49, URL), (60, None)):
            task = asyncio.create_task(
                discovery.ask(
                    discovery.ProfileQuestion(MAC, "Bakelite/1"), "127.0.0.1", ("127.0.0.1", server.port)
                )
            )
            while True:
                await compat.sleep(5)
                datagram = server.receive()
                if datagram is not None and datagram[0].startswith(b"SUBSCRIBE"):
                    break
            data, source = datagram
            back = compat.socket_address(source[0], source[1])
            for _ in range(flood):
                server.send(b"noise", back)
            server.send(notify(parse(data)), back)
            assert await task == expected, flood
            await compat.sleep(20)
            while server.receive() is not None:
                pass
        server.close()

    asyncio.run(run())
