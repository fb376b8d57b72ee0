"""The names that a storage takes, the same for all of them."""

_ALLOWED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"


def check(name: str) -> None:
    """ValueError unless `name` is one (hal/contract/storage.py says which are)."""
    if not 1 <= len(name) <= 64 or name[0] in "._-":
        raise ValueError("storage name: %r" % name)
    for character in name:
        if character not in _ALLOWED:
            raise ValueError("storage name: %r" % name)
