"""The page's files: modules of compressed bytes, made by tools/pages.py of what lies in services/web/pages.

As modules they are frozen into a custom image and take no heap there; elsewhere each is loaded when it is
asked for and let go at once. A browser keeps them and asks only whether they are still the same.
"""

from microdot.microdot import Response

import compat

_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css"}


def _file(name):
    module = "services.web.pages." + name.replace(".", "_")
    kind = _TYPES[name.rpartition(".")[2]] + "; charset=UTF-8"

    async def send(web, request):
        loaded = __import__(module, None, None, ("DATA", "ETAG"))
        headers = {"Content-Type": kind, "ETag": loaded.ETAG, "Cache-Control": "no-cache"}
        body = b""
        status = 304
        if request.headers.get("If-None-Match") != loaded.ETAG:
            body, status = loaded.DATA, 200
            headers["Content-Encoding"] = "gzip"
        compat.forget(module)
        return Response(body, status, headers)

    return send


_NAMES = ("app.js", "fields.js", "first.js", "pages.js", "zones.js", "style.css")
ROUTES = (("/", _file("index.html")),) + tuple([("/" + name, _file(name)) for name in _NAMES])
