"""compat's helpers, on both interpreters."""

from compat import compare_digest, is_digits


def test_digits():
    for text, longest, answer in (
        ("0", 1, True),
        ("0123456789", 10, True),
        ("", 5, False),
        ("123456", 5, False),
        ("12a", 5, False),
        ("1 2", 5, False),
        ("-1", 5, False),
        ("²", 5, False),
        ("1²3", 5, False),
        ("٣", 5, False),
    ):
        assert is_digits(text, longest) is answer, text
    assert is_digits("7fA", 3, "0123456789abcdefABCDEF") and not is_digits("7g", 3, "0123456789abcdef")
    assert is_digits(b"12", 2, b"0123456789") and not is_digits(b"1\xb2", 2, b"0123456789")


def test_comparing():
    for one, other, answer in (
        (b"ab", b"ab", True),
        (b"ab", b"ac", False),
        (b"bb", b"ab", False),
        (b"ab", b"abc", False),
        (b"abc", b"ab", False),
        (b"", b"a", False),
        (b"", b"", True),
    ):
        assert compare_digest(one, other) is answer, (one, other)


def test_comparing_reads_all_of_both():
    """A difference at the first octet costs as many reads as one at the last."""
    for other in (b"x23456", b"12345x", b"123456"):
        one = Counted(b"123456")
        compare_digest(one, other)
        assert one.reads == 6, other


class Counted:
    def __init__(self, octets):
        self.octets = octets
        self.reads = 0

    def __len__(self):
        return len(self.octets)

    def __getitem__(self, index):
        self.reads += 1
        return self.octets[index]
