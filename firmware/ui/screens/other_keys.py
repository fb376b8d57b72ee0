"""Keys that not every phone has: the messages key, and line keys without a line."""


def messages_key(shell, key, now: int) -> None:
    """Calls the voicemail; opens the texts if only texts are new, or if there is no voicemail."""
    if shell.control.busy:
        return
    features = shell.features() if shell.features is not None else None
    if features is None:
        shell.notice("No messages", now)
        return
    voice_mail = features.part("voice_mail")
    texts = features.loaded("texts")
    if voice_mail.line_with_mailbox() is None or texts is not None and texts.unread and not voice_mail.unread:
        shell.open("texts", now)
        return
    shell.attempt(now, voice_mail.dial, now)


def contact_key(shell, number: int, now: int) -> None:
    """A line key after those of the lines: it belongs to the contact `number`, from 1."""
    features = shell.features() if shell.features is not None else None
    if features is None or number > len(features.watched):
        shell.notice("No line %d" % (number + len(shell.control.lines)), now)
        return
    part = features.part("contacts")
    shell.attempt(now, part.call, part.entries[number - 1], now)
