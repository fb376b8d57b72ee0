"""Fetches a URL with the phone's HTTP client, on either interpreter, and prints what came of it:

fetch.py URL FILE_OF_AUTHORITY FINGERPRINT USER PASSWORD   ("" for none)
"""

import asyncio
import sys

from net.http import Client, HttpError
from net.tls import Tls


class Hosts:
    """A resolver to which every host is this machine."""

    def lookup(self, name, kind, now):
        return ["127.0.0.1"]


def secure(ca, pin):
    if not ca and not pin:
        return None
    octets = b""
    if ca:
        with open(ca, "rb") as file:
            octets = file.read()
    return Tls(octets, b"", b"", [pin] if pin else [])


async def fetch(url, ca, pin, user, password):
    client = Client(Hosts(), lambda: secure(ca, pin), user or None, password or None)
    try:
        response = await client.get(url, 1 << 20, total_s=20)
        body = await response.read()
        response.close()
        print("%d %d %d" % (response.status, len(body), sum(body) % 65536))
    except HttpError as error:
        print("error: %s" % error)


asyncio.run(fetch(*sys.argv[1:]))
