"""Session descriptions as a peer writes them."""


def description(host="192.0.2.99", port=6000, formats="0 8 101", direction="sendrecv", more="", version=1):
    """SDP with one audio section; `more` is further lines."""
    lines = ["v=0", "o=- 7 %d IN IP4 %s" % (version, host), "s=-", "c=IN IP4 " + host, "t=0 0"]
    lines += [
        "m=audio %d RTP/AVP %s" % (port, formats),
        "a=rtpmap:101 telephone-event/8000",
        "a=" + direction,
    ]
    return ("\r\n".join(lines) + "\r\n" + more).encode()
