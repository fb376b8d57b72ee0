"""An I2S controller and its DMA ring, as `machine.I2S` runs it on the ESP32 (machine_i2s.c there, ESP-IDF 5).

DMA cycles through a ring of buffers of 256 frames each. The driver's task takes finished buffers from a queue
that is one shorter than the ring. When the queue is full, its oldest entry is lost. For the microphone this
entry is unread sound (an overrun). For the output the loss has no effect: a buffer is cleared after it was
sent, so a buffer that was not written is silence (an underrun). The first ESP32 exchanges the samples of each
pair of 16-bit mono samples (ESP-IDF's I2S page, "STD TX Mode").
"""

FRAMES = 256  # in a DMA buffer
RX = 1
TX = 2
MONO = 0
STEREO = 1


class Stream:
    """One controller, one direction. `source(frames, rate)` returns 16-bit mono sound, `sink(samples, rate)`
    takes it. `classic`: on the first ESP32."""

    def __init__(self, mode, bits, format, rate, ibuf, source=None, sink=None, classic=False):
        if mode not in (RX, TX):
            raise ValueError("invalid mode")
        if bits not in (16, 32):
            raise ValueError("invalid bits")
        if format not in (MONO, STEREO):
            raise ValueError("invalid format")
        self.mode = mode
        self.bits = bits
        self.rate = rate
        self.sample_bytes = bits // 8
        self.channels = 2 if format == STEREO else 1
        self.frame_bytes = self.sample_bytes * self.channels
        self._swaps = classic and mode == TX and self.frame_bytes == 2
        # The microphone's slots are always read as 2 x 32 bits, whatever the program asked for.
        dma_frame_bytes = 8 if mode == RX else self.frame_bytes
        self.buffers = max(2, ibuf // (FRAMES * dma_frame_bytes))
        self.source = source
        self.sink = sink
        self.handler = None
        self.underruns = 0  # unfilled output buffers sent since the first filled one
        self.overruns = 0  # microphone buffers lost
        self.lost_requests = 0  # readinto or write while one was waiting: MicroPython drops it silently
        self._size = FRAMES * self.frame_bytes
        self._ring = [bytearray(self._size) for _ in range(self.buffers)]
        self._filled = [0] * self.buffers  # octets written to each output buffer
        self._dma = 0  # DMA's current buffer
        self._done = []  # buffers finished by DMA, oldest first
        self._current = None  # the task's current buffer, and the position in it
        self._position = 0
        self._waiting = None  # the queue of one request between program and task
        self._active = None  # the task's current request, and the position in it
        self._progress = 0
        self._clock = 0  # frames x 1000 since the last DMA buffer ended
        self._started = False  # a written buffer has been sent

    # The program's side

    def request(self, buffer) -> int:
        """A non-blocking readinto or write: queued if there is room, else lost; returns the length always."""
        if self._waiting is not None:
            self.lost_requests += 1
        else:
            self._waiting = buffer
        return len(buffer)

    @property
    def busy(self) -> bool:
        """Whether a request is current or waiting."""
        return self._active is not None or self._waiting is not None

    # The hardware's side

    def advance(self, ms: int) -> None:
        """Let `ms` pass on the bus."""
        self._clock += self.rate * ms
        self._task()
        while self._clock >= FRAMES * 1000:
            self._clock -= FRAMES * 1000
            self._buffer_done()
            self._task()

    def _buffer_done(self) -> None:
        number = self._dma
        buffer = self._ring[number]
        if self.mode == RX:
            buffer[:] = self._captured()
        else:
            self._play(number)
        if len(self._done) == self.buffers - 1:
            self._done.pop(0)
            if self.mode == RX:
                self.overruns += 1
        self._done.append(number)
        self._dma = (number + 1) % self.buffers

    def _captured(self):
        sound = self.source(FRAMES, self.rate) if self.source else None
        sound = bytes(sound[: FRAMES * 2]) if sound else b""
        if len(sound) < FRAMES * 2:
            sound = sound + bytes(FRAMES * 2 - len(sound))
        if self.frame_bytes == 2:
            return sound
        # The microphone uses the left slot; its 24 bits are left-justified in the slot's 32.
        step = self.frame_bytes
        wide = bytearray(self._size)
        for index in range(FRAMES):
            at = index * step + self.sample_bytes - 2
            wide[at] = sound[2 * index]
            wide[at + 1] = sound[2 * index + 1]
        return wide

    def _play(self, number) -> None:
        buffer = self._ring[number]
        if self._filled[number] == self._size:
            self._started = True
        elif self._started:
            self.underruns += 1
        if self.sink:
            self.sink(self._left(buffer), self.rate)
        self._filled[number] = 0
        buffer[:] = bytes(self._size)

    def _left(self, buffer):
        """The left channel's upper 16 bits."""
        if self._swaps:
            out = bytearray(buffer)
            for index in range(0, len(buffer), 4):
                out[index : index + 2], out[index + 2 : index + 4] = (
                    buffer[index + 2 : index + 4],
                    buffer[index : index + 2],
                )
            return bytes(out)
        if self.frame_bytes == 2:
            return bytes(buffer)
        out = bytearray(FRAMES * 2)
        for index in range(FRAMES):
            at = index * self.frame_bytes + self.sample_bytes - 2
            out[2 * index] = buffer[at]
            out[2 * index + 1] = buffer[at + 1]
        return bytes(out)

    # The background task of the non-blocking mode

    def _task(self) -> None:
        while True:
            if self._active is None:
                if self._waiting is None:
                    return
                self._active, self._waiting, self._progress = self._waiting, None, 0
            if self._current is None or self._position == self._size:
                if not self._done:
                    return
                self._current = self._done.pop(0)
                self._position = 0
            self._copy(self._current, self._active)
            if self._progress == len(self._active):
                self._active = None
                if self.handler:
                    self.handler(self)

    def _copy(self, number, request) -> None:
        length = min(self._size - self._position, len(request) - self._progress)
        inside = memoryview(self._ring[number])[self._position : self._position + length]
        outside = memoryview(request)[self._progress : self._progress + length]
        if self.mode == RX:
            outside[:] = inside
        else:
            inside[:] = outside
            self._filled[number] += length
        self._position += length
        self._progress += length
