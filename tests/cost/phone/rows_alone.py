"""The rows on a board with a large heap, where collections are rare: the cost of the code alone."""

from cost.phone import desk

desk.SMALL_HEAP = False

import cost.phone.rows  # noqa: E402, F401
