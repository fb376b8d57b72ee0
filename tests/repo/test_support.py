from support.check import raises


def test_raises_returns_the_exception():
    assert str(raises(ValueError, int, "x")).startswith("invalid literal")


def test_raises_fails_when_nothing_is_raised():
    assert "returned 1" in str(raises(AssertionError, raises, ValueError, int, "1"))
