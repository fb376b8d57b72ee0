"""The interface of every display."""


class Display:
    """A monochrome bitmap, drawn in memory and sent to the panel by `show`.

    Coordinates are pixels, (0, 0) top left; a colour is 0 (dark) or 1 (lit). Drawing outside is clipped.
    The drawing methods are those of `framebuf.FrameBuffer`, which most drivers inherit.
    """

    width: int
    height: int

    def fill(self, color: int) -> None:
        """Set every pixel."""

    def pixel(self, x: int, y: int, color: int) -> None:
        """Set one pixel."""

    def hline(self, x: int, y: int, width: int, color: int) -> None:
        """A horizontal line of `width` pixels to the right of (x, y)."""

    def vline(self, x: int, y: int, height: int, color: int) -> None:
        """A vertical line of `height` pixels down from (x, y)."""

    def fill_rect(self, x: int, y: int, width: int, height: int, color: int) -> None:
        """A filled rectangle."""

    def blit(self, source, x: int, y: int) -> None:
        """Copy a `framebuf.FrameBuffer` with its top left at (x, y)."""

    def show(self, part: bool = False) -> bool:
        """Send the bitmap to the panel, only the changes since the last time.

        `part`: no more than the bus sends in 5 ms, as sound waits meanwhile; returns True while there may be
        more to send.

        A display that does not answer (loose wire) stays dark, without an exception: the next `show` sends
        the whole bitmap.
        """

    def contrast(self, percent: int) -> None:
        """Brightness, 0 (dimmest, still readable) to 100."""

    def power(self, on: bool) -> None:
        """Switch the panel on or off; the bitmap is kept."""
