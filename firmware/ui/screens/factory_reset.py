"""The display while the key for a factory reset is held: there is no phone yet, and no shell."""

from ui.canvas import Canvas


def draw(display, seconds: "int | None") -> None:
    """`seconds`: how long the key must still be held; 0: the reset begins; None: the key was released."""
    canvas = Canvas(display)
    canvas.begin()
    canvas.header("Factory reset")
    if seconds is None:
        canvas.text(3, "Cancelled", True)
    elif seconds == 0:
        canvas.text(3, "Erasing everything", True)
    else:
        canvas.text(3, "Erase everything?", True)
        canvas.text(5, "Keep holding *: %d" % seconds, True)
    canvas.end()
