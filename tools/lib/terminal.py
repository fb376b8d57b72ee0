"""Makes text from the network safe to print on a terminal."""


def printable(text: str) -> str:
    """`text` with control and bidirectional characters written as escapes."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
