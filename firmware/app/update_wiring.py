"""Wiring of updates over the air: a part of the composition root.

Loaded when the phone checks for updates, has one on trial, or a person opens the update screen.
"""

import compat


def make(phone):
    """The services.update.updates.Updates of an app.phone.Phone."""
    from net.http import HttpError
    from services.update.updates import Updates

    async def restart():
        # Not `phone.stop` alone: it would wait for the task that calls this.
        await phone.stop()
        phone.board.restart()

    def fetch(most, etag, total_s, idle_s):
        return _fetch(phone, most, etag, total_s, idle_s)

    return Updates(
        board=phone.board,
        version=phone.version,
        fetch=fetch,
        unreachable=HttpError,
        modulus=_modulus,
        busy=lambda: phone.call_control.busy,
        registered=lambda: any(line.state == "registered" for line in phone.lines),
        restart=restart,
        log=phone.log,
    )


def begin(phone) -> None:
    """At the phone's start: begin the trial of new software, if there is any, and the checks for updates."""
    from services.update.updates import NOTE

    chosen = phone.settings.update
    if phone.board.storage.read(NOTE) is not None:
        from services.update.trial import Trial

        trial = Trial(
            slots=phone.board.slots(),
            storage=phone.board.storage,
            version=phone.version,
            lines=phone.lines,
            network=phone.board.network,
            self_test=lambda: self_test(phone.board),
            restart=phone.board.restart,
            log=phone.log,
        )
        phone.supervisor.start("trial", lambda: trial.run(chosen.trial_min))
    if chosen.url and chosen.interval_h:
        phone.supervisor.start("update", lambda: phone.updates.watch(chosen.interval_h, chosen.automatic))


def self_test(board) -> str:
    """Test the phone without a network; return the fault found, "" for none."""
    name, content = "self-test", compat.urandom(16)
    try:
        board.storage.write(name, content)
        if board.storage.read(name) != content:
            return "the storage loses data"
        board.storage.remove(name)
        board.display.show()
        board.keypad.poll(compat.ticks_ms())
        # Modules that a call needs and the start does not load.
        from media import call_progress, rtcp  # noqa: F401
        from ui.screens.call import in_call, incoming  # noqa: F401
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)
    return ""


def _modulus():
    try:
        from release_key import MODULUS
    except ImportError:
        return None
    return MODULUS


async def _fetch(phone, most, etag, total_s, idle_s):
    from app import from_settings
    from net.http import Client, HttpError

    url = phone.settings.update.url
    if not url:
        raise HttpError("no update server is set: update.url")
    if not url.endswith(".release"):
        url = url.rstrip("/") + "/" + phone.board.name + ".release"
    chosen = phone.settings.tls
    secure = lambda: from_settings.tls(chosen, phone.board.storage)  # noqa: E731
    client = Client(phone.resolver, secure, product=phone.device)
    response = await client.get(url, most, etag, (), total_s, idle_s)
    phone.take_date(response.header("date", ""), "update server")
    return response
