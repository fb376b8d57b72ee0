"""An account of the user agent: an AOR, its servers and its credentials."""


class Account:
    """An AOR with its servers and credentials.

    `aor`, `registrar` and `proxy` are Uris; the registrar defaults to the AOR's domain; `proxy` is the
    outbound proxy or None. `credentials` is a sip.digest.Credentials or None. `expires` is in seconds;
    `session_expires` is the session interval in seconds (RFC 4028), 0 without a session timer. `encryption`
    of calls' media is "off", "offer" or "require"; its keys are sent in signalling, over TLS only unless
    `keys_in_clear`. `backups` are the Uris of registrars that are tried in order when the earlier ones fail.
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
        """`uri` with the registrar's port and transport, if it has no port and the registrar's host."""
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
