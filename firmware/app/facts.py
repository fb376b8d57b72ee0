"""The facts on the status screen; loaded when the screen is opened."""

from services.counter_words import in_words


def of(phone) -> list:
    """[(name, value)] of `phone` (app.phone.Phone)."""
    trouble = phone.voice_trouble()
    network = phone.board.network
    facts = [
        ("Version", phone.version),
        ("Address", network.address or network.reason or network.state),
        ("SIP", "%s:%d" % phone.address if phone.address else "closed"),
        ("MAC", network.mac),
        ("Voice", "software (slow): %s" % trouble if trouble else "native"),
    ]
    counters = phone.counters()
    return facts + phone.facts + [(in_words(name), str(counters[name])) for name in sorted(counters)]
