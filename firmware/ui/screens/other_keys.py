"""Keys that not every phone uses: messages, and the line keys that no line has."""

from phone.dialplan import DialError


def messages_key(shell, key, now: int) -> None:
    """Calls the voice mail; opens the texts where only they wait, or where there is no voice mail."""
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
    try:
        voice_mail.dial(now)
    except DialError as error:
        shell.notice(str(error), now)


def contact_key(shell, number: int, now: int) -> None:
    """The line keys behind those of the lines are those of the contacts, from 1."""
    features = shell.features() if shell.features is not None else None
    if features is None or number > len(features.watched):
        shell.notice("No line %d" % (number + len(shell.control.lines)), now)
        return
    part = features.part("contacts")
    try:
        part.call(part.entries[number - 1], now)
    except DialError as error:
        shell.notice(str(error), now)
