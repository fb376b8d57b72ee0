"""What every display does."""


class Display:
    """A monochrome bitmap, drawn in memory and brought to the glass by `show`.

    Coordinates are pixels, (0, 0) top left; a colour is 0 (dark) or 1 (lit). What lies outside is clipped.
    The drawing methods are those of `framebuf.FrameBuffer`, which most drivers simply inherit.
    """

    width: int
    height: int

    def fill(self, color: int) -> None:
        """Every pixel."""

    def pixel(self, x: int, y: int, color: int) -> None:
        """One pixel."""

    def hline(self, x: int, y: int, width: int, color: int) -> None:
        """A horizontal line of `width` pixels to the right of (x, y)."""

    def vline(self, x: int, y: int, height: int, color: int) -> None:
        """A vertical line of `height` pixels down from (x, y)."""

    def fill_rect(self, x: int, y: int, width: int, height: int, color: int) -> None:
        """A filled rectangle."""

    def blit(self, source, x: int, y: int) -> None:
        """Copy a `framebuf.FrameBuffer` with its top left at (x, y)."""

    def show(self, part: bool = False) -> bool:
        """Bring what was drawn to the glass; sends only what changed since the last time.

        `part`: no more of it than the bus takes 5 ms for, as sound waits meanwhile; True while there may
        be more.

        A display that does not answer (loose wire) is left dark, not raised: `show` tries again with
        all of it the next time.
        """

    def contrast(self, percent: int) -> None:
        """Brightness, 0 (dimmest, still readable) to 100."""

    def power(self, on: bool) -> None:
        """Panel on or off; what is drawn stays."""
