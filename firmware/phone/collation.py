"""The order of names, and the digit keys of their letters; accents and case are ignored."""

# The base letters of U+00C0 to U+017F (Latin-1 and Latin Extended-A).
_BASES = (
    "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuytyaaaaaaccccccccddddeeeeeeeeeegggg"
    "gggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
)
_KEYS = "22233344455566677778889999"


def fold(text: str) -> str:
    """`text` in lower case without accents, for comparing."""
    folded = ""
    for character in text.lower():
        at = ord(character) - 0xC0
        folded += _BASES[at] if 0 <= at < len(_BASES) else character
    return folded


def order(name: str) -> tuple:
    """The key by which names are sorted."""
    return fold(name), name


def digits(name: str) -> str:
    """The digit keys of the letters of `name`; a space for a character that is on no key."""
    found = ""
    for character in fold(name):
        if "a" <= character <= "z":
            found += _KEYS[ord(character) - 97]
        else:
            found += character if "0" <= character <= "9" else " "
    return found


def begins(name: str, typed: str) -> bool:
    """Whether one of the words of `name` begins with the letters on the keys `typed`."""
    return (" " + digits(name)).find(" " + typed) >= 0
