"""DER, put together octet by octet."""


def der(tag, *parts):
    """The element `tag` with these parts as its value."""
    value = b"".join(parts)
    length = bytes([len(value)]) if len(value) < 128 else b"\x82" + len(value).to_bytes(2, "big")
    return bytes([tag]) + length + value
