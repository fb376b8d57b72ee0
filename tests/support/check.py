"""The few helpers that a test needs beside a plain `assert`; the same on both interpreters."""


def raises(expected, function, *arguments, **named):
    """Call `function`; return the `expected` exception that it raises. Returning is an AssertionError."""
    try:
        result = function(*arguments, **named)
    except expected as error:
        return error
    raise AssertionError("%s not raised, returned %r" % (expected.__name__, result))
