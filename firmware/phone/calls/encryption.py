"""A call's packets through SRTP; loaded with the first call that is encrypted."""


def apply(port, crypto) -> None:
    """Let `port` (net.media.port.MediaPort) do as a sip.call.encryption.Crypto says; None: in clear."""
    if crypto is None:
        port.protection.close()
        port.protection = None
        return
    if port.protection is None:
        from media.protection import Protection

        port.protection = Protection()
    keys = [(key.octets, key.mki, key.lifetime) for key in crypto.receive_keys]
    port.protection.agree(crypto.suite, crypto.send_key, keys)
