"""The files of the web interface: modules of gzip data, which tools/pages.py makes from services/web/pages.

As modules they are frozen into a custom image, where they take no heap; elsewhere each is loaded for one
request and let go of at once. Browsers cache the files and revalidate them by ETag.
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
