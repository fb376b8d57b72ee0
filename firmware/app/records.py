"""Log lines for changes of lines and calls; loaded for each change and let go of again."""

_COUNTERS = ("sent", "received", "lost", "late", "concealed")


def note(log, kind, thing) -> None:
    """Log the new state of `thing`, a Line or Call; `kind` is "line" or "call"."""
    (_line if kind == "line" else _call)(log, thing)


def _line(log, line):
    """Log whether `line` (phone.line.Line) is registered, and why not."""
    who = "line %d: " % line.number
    if line.state == "registered":
        log.info(who + "registered as " + str(line.account.aor))
    elif line.state == "failed":
        log.warning(who + (line.reason or "not registered"))
    elif line.state == "unregistered":
        log.info(who + "no longer registered")


def _call(log, call):
    """Log that `call` (phone.calls.call.Call) was answered, or has ended."""
    way = "from" if call.direction == "in" else "to"
    who = "call %d %s %s (line %d): " % (call.id, way, call.number or call.name, call.line.number)
    if call.state != "ended":
        log.info(who + "answered" + (", encrypted" if call.encrypted else ""))
        return
    words = call.reason
    if call.status >= 300:
        words += " (%d)" % call.status
    if call.answered:
        seconds = call.seconds(0)
        words += " after %d:%02d" % (seconds // 60, seconds % 60)
    log.info(who + words)
    if call.stats is not None:
        log.info("call %d voice: %s" % (call.id, quality(call.stats)))


def quality(stats) -> str:
    """A media engine's counters of a call, in words."""
    words = ["%s %d" % (name, stats[name]) for name in _COUNTERS]
    for name in ("jitter_ms", "round_trip_ms", "remote_jitter_ms"):
        if stats.get(name) is not None:
            words.append("%s %d ms" % (name[:-3].replace("_", " "), stats[name]))
    if stats.get("remote_lost") is not None:
        words.append("remote lost %d" % stats["remote_lost"])
    return ", ".join(words)
