"""Text of strangers on a terminal."""


def printable(text: str) -> str:
    """`text` with all that a terminal would obey, or show in another order, written as an escape."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
