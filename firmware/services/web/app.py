"""The server of the web interface: checks and routes requests. Loaded with the first request.

Every request passes `exchange`, which reads it within bounds, checks its Host (against DNS rebinding), looks
up the session, and then routes it. All changes are POST requests of JSON with the session's CSRF token in a
header, which no form and no other site can send.
"""

from microdot.microdot import AsyncBytesIO, Microdot, Request, Response

import compat
from services.web import request
from services.web.request import COOKIE, BadRequest, RequestError

# The page loads nothing from other sites, runs only its own scripts, and cannot be framed.
_HEADERS = (
    ("Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
     "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)  # fmt: skip
_STRANGERS_MAY = ("/api/session", "/api/login")


class App:
    """The routes of the web interface `web` (services.web_server.Web)."""

    def __init__(self, web):
        self.web = web
        self._session = None
        self._microdot = Microdot()
        Request.max_content_length = Request.max_body_length = request.MAX_BODY
        Request.max_readline = request.MAX_HEAD
        Response.default_content_type = "application/json"
        self._microdot.before_request(self._guard)
        self._microdot.after_request(self._with_headers)
        self._microdot.after_error_request(self._with_headers)
        self._microdot.errorhandler(404)(_not_found)
        self._microdot.errorhandler(405)(_not_found)
        from services.web import api, files

        for path, function in files.ROUTES:
            self._microdot.get(path)(self.answer(function))
        for path, method, function in api.ROUTES:
            self._microdot.route(path, [method])(self.answer(function))

    async def exchange(self, guest) -> None:
        """Take one request of `guest` (services.web_server.Guest) and send the response."""
        sock = guest.sock
        writer = request.Writer(sock, guest.peer)
        try:
            read = await request.read_head(sock)
            if read is None:
                return
            head, octets, rest = read
            elsewhere = self._elsewhere(head)
            if elsewhere:
                await writer.awrite(elsewhere)
            else:
                guest.session = session = self.web.session(head.cookie(COOKIE))
                most = request.MAX_BODY if session else request.MAX_BODY_OF_STRANGERS
                body = await request.read_body(sock, rest, head.length, most)
                guest.has_asked = True
                if not self.web.has_heap():
                    raise RequestError(503, "not enough memory now: try again after the call")
                await self._microdot.handle_request(AsyncBytesIO(octets + body), writer)
                return
        except RequestError as error:
            self.web.count("refused_%d" % error.status)
            await writer.awrite(_plain(error.status, error.words))
        await writer.aclose()

    def _elsewhere(self, head):
        """The response to a request for another host; None if the request is for this phone.

        Raises RequestError where there is no such response.
        """
        host = head.fields.get("host", "").lower()
        colon = host.rfind(":")
        if colon > host.rfind("]"):
            host = host[:colon]
        network = self.web.phone.board.network
        name = self.web.phone.settings.network.hostname.lower()
        ours = [network.address, name, name + ".local"]
        own = self.web.life.first_start or self.web.life.own_network
        if own and own.address:
            ours.append(own.address)
        if host in ours:
            return None
        self.web.count("other_host")
        if own and own.address:
            # A client of our access point that tests for Internet access is redirected to our page.
            port = self.web.address[1]
            place = own.address + ("" if port == 80 else ":%d" % port)
            return b"HTTP/1.0 302 Found\r\nLocation: http://%s/\r\nContent-Length: 0\r\n\r\n".replace(
                b"%s", place.encode()
            )
        raise RequestError(421, "this phone has another name or address")

    # Called by microdot

    async def _guard(self, request):
        request.g.session = session = self.web.session(request.cookies.get(COOKIE, ""))
        if not request.path.startswith("/api/"):
            return None
        if request.method == "POST":
            kind = (request.content_type or "").split(";")[0].strip()
            if kind != "application/json":
                return Response({"error": "the content type must be application/json"}, 415)
            origin = request.headers.get("Origin")
            if origin is not None and origin != "http://" + request.headers.get("Host", ""):
                self.web.count("other_origin")
                return Response({"error": "the request comes from another site"}, 403)
        if request.path in _STRANGERS_MAY:
            return None
        if session is None:
            return Response({"error": "not logged in"}, 401)
        if request.method == "POST":
            token = request.headers.get("X-CSRF-Token", "")
            if not compat.compare_digest(token.encode(), session.csrf.encode()):
                self.web.count("no_token")
                return Response({"error": "missing or wrong CSRF token"}, 403)
        return None

    async def _with_headers(self, request, response):
        for name, value in _HEADERS:
            response.headers[name] = value
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response

    def answer(self, function):
        """A microdot handler that calls `function` (web, request) and turns exceptions into responses."""

        async def handler(request):
            try:
                return await function(self.web, request)
            except BadRequest as error:
                return Response({"error": str(error), "mistakes": error.mistakes}, error.status)
            except Exception as error:
                self.web.phone.supervisor.failed("web", error)
                return Response({"error": "internal error: see the phone's log"}, 500)

        return handler


async def _not_found(request):
    return Response({"error": "not found"}, 404)


def _plain(status, words):
    head = "HTTP/1.0 %d Refused\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n"
    return (head % (status, len(words)) + words).encode()
