"""A helper for tests beside plain `assert`, the same on both interpreters."""


def raises(expected, function, *arguments, **named):
    """Call `function`; return the `expected` exception that it raises. AssertionError if it raises none."""
    try:
        result = function(*arguments, **named)
    except expected as error:
        return error
    raise AssertionError("%s not raised, returned %r" % (expected.__name__, result))
