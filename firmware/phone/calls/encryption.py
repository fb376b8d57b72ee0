"""SRTP for a call's media; loaded with the first encrypted call."""


def apply(port, crypto) -> None:
    """Have `port` (a MediaPort) encrypt as `crypto` (sip.call.encryption.Crypto) says; None: in clear."""
    if crypto is None:
        port.protection.close()
        port.protection = None
        return
    if port.protection is None:
        from media.protection import Protection

        port.protection = Protection()
    keys = [(key.octets, key.mki, key.lifetime) for key in crypto.receive_keys]
    port.protection.agree(crypto.suite, crypto.send_key, keys)
