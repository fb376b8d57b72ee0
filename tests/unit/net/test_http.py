"""The HTTP client against a server that does as it should, and against those that do not."""

import binascii
import hashlib

import compat
from net import http
from support.check import raises
from support.web_server import response, served

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def fetch(answer, path="/x", client=None, **limits):
    """(status, body or None, requests, response) of a GET."""

    async def scenario(server):
        limits.setdefault("most", 10000)
        found = await (client or http.Client()).get(server.url + path, **limits)
        try:
            return found.status, await found.read(), server.requests, found
        finally:
            found.close()

    return served(answer, scenario)


def problem(answer, **named):
    return str(raises(http.HttpError, fetch, answer, **named))


def test_url():
    url = http.Url("HTTPS://[2001:db8::1]:8443/a?b#c")
    assert (url.scheme, url.host, url.port, url.path) == ("https", "2001:db8::1", 8443, "/a?b")
    assert http.Url("http://x").path == "/" and http.Url("http://x?a").path == "/?a"
    for location, expected in (
        ("/c", "http://h:81/c"),
        ("c", "http://h:81/a/c"),
        ("//k/c", "http://k/c"),
        ("https://k", "https://k/"),
    ):
        assert str(http.Url("http://h:81/a/b?q=/").join(location)) == expected
    for wrong in (
        "",
        "ftp://x",
        "http://",
        "http://u:p@x/",
        "http://x:0/",
        "http://x:99999/",
        "http://x:²/",
        "http://x/\r\nA: b",
        "http://x/ä",
        "http://x:/",
        "http://[::1",
        "http://x/" + "a" * 600,
    ):
        raises(http.HttpError, http.Url, wrong)


def test_a_body_of_announced_length():
    status, body, requests, found = fetch(response(b"hello", "200 OK", 'ETag: "1"'))
    assert (status, body, found.etag, found.length) == (200, b"hello", '"1"', 5)
    assert requests[0].startswith("GET /x HTTP/1.1\r\nHost: 127.0.0.1:")
    assert "\r\nConnection: close\r\n" in requests[0] and "\r\nAccept-Encoding: identity\r\n" in requests[0]


def test_a_body_in_chunks_and_pieces():
    pieces = [
        CHUNKED[:20],
        5,
        CHUNKED[20:] + b"4\r\nabcd\r\nA;ext=1\r\n01234",
        5,
        b"56789\r\n0",
        b"\r\nT: x\r\n\r\n",
    ]
    assert fetch(pieces)[1] == b"abcd0123456789"
    big = bytes(range(256)) * 20
    assert fetch(response(big))[1] == big
    assert fetch(CHUNKED + b"1400\r\n" + big + b"\r\n0\r\n\r\n")[1] == big


def test_interim_answers_are_passed_over():
    assert fetch(b"HTTP/1.1 100 Continue\r\n\r\n" + response(b"x"))[1] == b"x"


def test_not_modified():
    def answer(request):
        return b'HTTP/1.1 304 Not Modified\r\nETag: "7"\r\nContent-Length: 99\r\n\r\n'

    status, body, requests, _ = fetch(answer, etag='"7"')
    assert (status, body) == (304, b"") and '\r\nIf-None-Match: "7"\r\n' in requests[0]


def test_lies_about_lengths():
    length = HEAD + b"Content-Length: "
    for answer, expected in (
        (length + b"5\r\n\r\nfour", "incomplete"),
        (length + b"3\r\n\r\nfour", "longer than announced"),
        (length + b"0\r\n\r\n", None),
        (length + b"-1\r\n\r\n", "length is invalid"),
        (length + b"\xc2\xb2\r\n\r\n", "length is invalid"),
        (length + b"99999999999\r\n\r\n", "length is invalid"),
        (length + b"10001\r\n\r\n", "too large"),
        (length + b"1\r\nContent-Length: 2\r\n\r\nab", "two lengths"),
        (length + b"1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", "two lengths"),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "unknown transfer coding"),
        (HEAD + b"\r\nwithout end", "has no length"),
        (CHUNKED + b"5\r\nab", "incomplete"),
        (CHUNKED + b"2\r\nabc\r\n0\r\n\r\n", "longer than announced"),
        (CHUNKED + b"x\r\n", "length is invalid"),
        (CHUNKED + b"fffffffff\r\n", "length is invalid"),
        (CHUNKED + b"2711\r\n", "too large"),
        (CHUNKED + b"1388\r\n" + bytes(5000) + b"\r\n1389\r\n", "too large"),
        (CHUNKED + b"1\r\na\r\n0\r\n\r\nmore", "longer than announced"),
        (CHUNKED + b"0\r\n" + b"T: aaaaaaaaaaaaaaaaaa\r\n" * 500, "trailers"),
        (response(b"x", "200 OK", "Content-Encoding: gzip"), "compressed"),
    ):
        if expected:
            assert expected in problem(answer), answer[:80]
        else:
            assert fetch(answer)[1] == b""


def test_broken_heads():
    for answer, expected in (
        (b"", "incomplete"),
        (b"SSH-2.0-x\r\n\r\n", "does not speak"),
        (b"HTTP/1.1 20 OK\r\n\r\n", "does not speak"),
        (b"HTTP/1.1 \xc2\xb29 OK\r\n\r\n", "does not speak"),
        (HEAD + b"no colon\r\n\r\n", "malformed"),
        (HEAD + b" folded: x\r\n\r\n", "malformed"),
        (HEAD + b"A: " + b"a" * 3000 + b"\r\n\r\n", "line"),
        (HEAD + b"a" * 9000, "line"),
        (HEAD + b"A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 200, "header is too long"),
    ):
        assert expected in problem(answer), answer[:40]


def test_servers_that_stall():
    assert "stopped responding" in problem([HEAD, None], idle_s=1)
    assert "stopped responding" in problem([HEAD + b"Content-Length: 9\r\n\r\n123", None], idle_s=1)
    drips = [HEAD]
    for _ in range(100):
        drips += [b"A", 30]
    assert "too long" in problem(drips, idle_s=1, total_s=1)


def test_nobody_there():
    # MicroPython learns of a refused connection with the first octets.
    error = raises(http.HttpError, fetch, None, client=_Elsewhere())
    assert (
        "no connection" in str(error) or "connection was lost" in str(error) or "incomplete" in str(error)
    ), error


class _Elsewhere:
    def get(self, url, **limits):
        return http.Client().get("http://127.0.0.1:9/", **limits)


def redirect(location, status="302 Found"):
    return response(b"", status, "Location: " + location)


def test_redirects():
    def two_steps(request):
        path = request.split(" ")[1]
        return {"/x": redirect("/y"), "/y": redirect("z?1", "308 Permanent Redirect")}.get(
            path, response(b"end")
        )

    _, body, requests, found = fetch(two_steps)
    assert body == b"end" and len(requests) == 3 and found.url.endswith("/z?1")
    for answer, expected in (
        (redirect("/x"), "in a loop"),
        (lambda request: redirect("/y" if "/x" in request else "/x"), "in a loop"),
        (lambda request: redirect(request.split(" ")[1] + "x"), "too many times"),
        (redirect("ftp://x/"), "must begin with"),
        (response(b"", "302 Found"), "without a location"),
    ):
        assert expected in problem(answer)


def test_from_https_never_to_http():
    class Led(http.Client):
        async def _once(self, url, most, headers, limits):
            return Answer()

    class Answer:
        status = 302

        def header(self, name):
            return "http://x/"

        def close(self):
            pass

    async def get(server):
        await Led(secure=lambda: None).get("https://x/", 10)

    assert "from https to http" in str(raises(http.HttpError, served, None, get))


def test_digest():
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256'

    def proof(request):
        at = request.index("Authorization: Digest ")
        line = request[at + 22 : request.index("\r\n", at)]
        fields = {part.partition("=")[0]: part.partition("=")[2].strip('"') for part in line.split(", ")}

        def digest(text):
            return binascii.hexlify(hashlib.sha256(text.encode()).digest()).decode()

        told = (
            digest("u:r:secret"),
            "n",
            fields["nc"],
            fields["cnonce"],
            "auth",
            digest("GET:" + fields["uri"]),
        )
        return fields["response"] == digest(":".join(told)) and fields["uri"] == "/x?a=1"

    def answer(request):
        if "Authorization: " not in request:
            return response(b"no", "401 Unauthorized", challenge)
        return response(b"in" if proof(request) else b"wrong proof")

    client = http.Client(user="u", password="secret")
    _, body, requests, _ = fetch(answer, "/x?a=1", client)
    assert body == b"in" and len(requests) == 2
    assert len(fetch(answer, "/x?a=1", client)[2]) == 1  # the challenge is remembered
    assert "secret" not in repr(client)
    wrong = http.Client(user="u", password="wrong")
    status, _, requests, _ = fetch(lambda _: response(b"", "401 Unauthorized", challenge), client=wrong)
    assert status == 401 and len(requests) == 2
    assert fetch(answer)[0] == 401


def test_basic_only_over_tls():
    client = http.Client(user="u", password="secret")
    answer = response(b"", "401 Unauthorized", 'WWW-Authenticate: Basic realm="r"')
    said = problem(answer, client=client)
    assert "needs https" in said and "secret" not in said
    url = http.Url("https://x/")
    found = http.Response(
        None, url, 401, [("www-authenticate", 'Basic realm="r"'), ("content-length", "0")], 10
    )
    assert client._answer(found, url) == [("Authorization", "Basic dTpzZWNyZXQ=")]


def test_passwords_go_to_the_first_server_only():
    client = http.Client(user="u", password="secret")

    async def scenario(server):
        client._basic = "Basic never"

        async def other(second):
            def first(request):
                return redirect(second.url + "/y")

            server.answer = first
            found = await client.get(server.url + "/x", 100)
            found.close()
            return found.status, second.requests

        from support.web_server import WebServer

        challenge = 'WWW-Authenticate: Digest realm="r", nonce="n"'
        second = WebServer(lambda _: response(b"", "401 Unauthorized", challenge))
        import asyncio

        task = asyncio.create_task(second.serve())
        try:
            return await other(second)
        finally:
            task.cancel()
            await compat.sleep(0)
            second.close()

    status, requests = served(None, scenario)
    assert status == 401 and len(requests) == 1 and "Authorization" not in requests[0]


def test_https_needs_something_to_believe():
    async def scenario(server):
        await http.Client(secure=lambda: None).get("https://127.0.0.1:%d/" % server.port, 10)

    assert "tls.ca" in str(raises(http.HttpError, served, response(), scenario))


def test_streaming_takes_no_more_than_the_buffer():
    async def scenario(server):
        found = await http.Client().get(server.url, 10000)
        buffer, whole = bytearray(700), b""
        while True:
            count = await found.readinto(buffer)
            if not count:
                break
            whole += buffer[:count]
        found.close()
        return whole

    big = bytes(range(250)) * 20
    assert served(lambda _: [response(big)[:900], 5, response(big)[900:]], scenario) == big
