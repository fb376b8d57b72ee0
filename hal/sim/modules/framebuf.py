"""The part of MicroPython's `framebuf` that displays need, for CPython; a built-in `framebuf` has priority.

Formats: MONO_VLSB (an octet is eight pixels down, as in display chips) and MONO_HLSB/MONO_HMSB (an octet is
eight pixels across, as in fonts).
"""

MONO_VLSB = MVLSB = 0
MONO_HLSB = 3
MONO_HMSB = 4


class FrameBuffer:
    def __init__(self, buffer, width, height, format, stride=None):
        stride = width if stride is None else stride
        if width < 1 or height < 1 or stride < width:
            raise ValueError
        if format == MONO_VLSB:
            needed = (height + 7) // 8 * stride
        elif format in (MONO_HLSB, MONO_HMSB):
            stride = (stride + 7) & ~7
            needed = height * stride // 8
        else:
            raise ValueError("invalid format")
        if len(buffer) < needed:
            raise ValueError
        self._fb_buffer = buffer
        self._fb_size = needed
        self._fb_width = width
        self._fb_height = height
        self._fb_format = format
        self._fb_stride = stride

    def _place(self, x, y):
        """Index of the octet that holds a pixel, and its bit there."""
        if self._fb_format == MONO_VLSB:
            return (y >> 3) * self._fb_stride + x, 1 << (y & 7)
        index = (x + y * self._fb_stride) >> 3
        return index, 1 << (7 - (x & 7)) if self._fb_format == MONO_HLSB else 1 << (x & 7)

    def _set(self, x, y, color):
        index, mask = self._place(x, y)
        if color:
            self._fb_buffer[index] |= mask
        else:
            self._fb_buffer[index] &= 255 ^ mask

    def _get(self, x, y):
        index, mask = self._place(x, y)
        return 1 if self._fb_buffer[index] & mask else 0

    def pixel(self, x, y, c=None):
        if not (0 <= x < self._fb_width and 0 <= y < self._fb_height):
            return None
        if c is None:
            return self._get(x, y)
        return self._set(x, y, c)

    def fill(self, c):
        self._fb_buffer[: self._fb_size] = bytes([255 if c else 0]) * self._fb_size

    def fill_rect(self, x, y, w, h, c):
        for row in range(max(0, y), min(self._fb_height, y + h)):
            for column in range(max(0, x), min(self._fb_width, x + w)):
                self._set(column, row, c)

    def hline(self, x, y, w, c):
        self.fill_rect(x, y, w, 1, c)

    def vline(self, x, y, h, c):
        self.fill_rect(x, y, 1, h, c)

    def rect(self, x, y, w, h, c, f=False):
        if f:
            self.fill_rect(x, y, w, h, c)
            return
        self.hline(x, y, w, c)
        self.hline(x, y + h - 1, w, c)
        self.vline(x, y, h, c)
        self.vline(x + w - 1, y, h, c)

    def line(self, x1, y1, x2, y2, c):
        dx, dy = abs(x2 - x1), -abs(y2 - y1)
        step_x, step_y = (1 if x1 < x2 else -1), (1 if y1 < y2 else -1)
        error = dx + dy
        while True:
            self.pixel(x1, y1, c)
            if (x1, y1) == (x2, y2):
                return
            twice = 2 * error
            if twice >= dy:
                error += dy
                x1 += step_x
            if twice <= dx:
                error += dx
                y1 += step_y

    def scroll(self, xstep, ystep):
        width, height = self._fb_width, self._fb_height
        columns = range(width) if xstep < 0 else range(width - 1, -1, -1)
        rows = range(height) if ystep < 0 else range(height - 1, -1, -1)
        for y in rows:
            for x in columns:
                if 0 <= x - xstep < width and 0 <= y - ystep < height:
                    self._set(x, y, self._get(x - xstep, y - ystep))

    def blit(self, fbuf, x, y, key=-1, palette=None):
        if isinstance(fbuf, tuple):
            fbuf = FrameBuffer(*fbuf)
        for row in range(max(0, -y), min(fbuf._fb_height, self._fb_height - y)):
            for column in range(max(0, -x), min(fbuf._fb_width, self._fb_width - x)):
                color = fbuf._get(column, row)
                if color == key:
                    continue
                if palette is not None:
                    color = palette._get(color, 0)
                self._set(x + column, y + row, color)
