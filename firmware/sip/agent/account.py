"""An account of the user agent: what a registrar and a proxy know a phone by."""


class Account:
    """An AOR and how to reach and prove it.

    `aor`, `registrar` and `proxy` are Uris; the registrar defaults to the AOR's domain, `proxy` is the
    outbound proxy if there is one. `credentials` is a sip.digest.Credentials or None. `expires` is in
    seconds, as is `session_expires`: how long a call lives without a sign of life from either end (RFC 4028),
    0 without limit. `encryption` of calls' media is "off", "offer" or "require"; its keys travel in
    signalling, over TLS only unless `keys_in_clear`. `backups` are the Uris of registrars to turn to, in
    their order, while those before them do not answer.
    """

    def __init__(
        self,
        aor,
        credentials,
        *,
        registrar=None,
        proxy=None,
        transport="udp",
        expires=3600,
        display_name=None,
        session_expires=1800,
        encryption="off",
        keys_in_clear=False,
    ):
        self.aor = aor
        self.credentials = credentials
        self.registrar = registrar
        self.proxy = proxy
        self.transport = transport
        self.expires = expires
        self.display_name = display_name
        self.gruu = False
        self.backups = ()
        self.session_expires = session_expires
        self.encryption = encryption
        self.keys_in_clear = keys_in_clear

    def aimed(self, uri):
        """`uri` with the port of the registrar, where that is all that is known of the host."""
        registrar = self.registrar
        if registrar is None or self.proxy is not None or registrar.port is None or uri.port is not None:
            return uri
        if not uri.host == registrar.host == self.aor.host:
            return uri
        uri = uri.copy()
        uri.port = registrar.port
        if registrar.transport and not uri.transport:
            uri.params["transport"] = registrar.transport
        return uri
