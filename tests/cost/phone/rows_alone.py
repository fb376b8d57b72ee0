"""The rows as on a board with much heap, where a collection is rare: what the code alone costs."""

from cost.phone import desk

desk.SMALL_HEAP = False

import cost.phone.rows  # noqa: E402, F401
