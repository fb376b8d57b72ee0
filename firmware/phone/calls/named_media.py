"""A host name in the other side's SDP connection data (RFC 8866 §5.7); loaded with the first."""


def resolve(switchboard, call, now: int) -> None:
    """Resolve the name (RFC 3263 §4.2: A or AAAA), then open the voice of `call`; end it on failure."""
    media = call.session.media
    host, port = media.remote

    def found(targets, at):
        if media is not call.session.media or not call.live:
            return  # the SDP has changed meanwhile, or the call has ended
        if not targets:
            call.trouble = "No address for voice"
            switchboard.ask(call.session.end, at)
            return
        address = targets[0][1][0]
        media.remote = (address, port)
        if media.remote_rtcp is not None and media.remote_rtcp[0] == host:
            media.remote_rtcp = (address, media.remote_rtcp[1])
        switchboard.open_voice(call, at, call is switchboard.heard or call in switchboard.conference)

    locator = switchboard.user_agent.endpoint.locator
    targets = [] if locator is None else locator.locate(host, port, "udp", False, found, now)
    if targets is not None:
        found(targets, now)
