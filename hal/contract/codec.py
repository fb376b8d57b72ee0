"""The interface of every sound path."""


class Codec:
    """Microphone and earpiece: two streams of frames on one clock.

    Sound is signed, little-endian, mono. The microphone gives `capture_bits` (16, or 32 with the sample in
    the upper bits), the output takes 16. Rate and frame length are the same in both directions. Nothing here
    allocates between `start` and `stop`.

    The codec's clock is the clock of a call: one frame is captured for each one played, so a loop that waits
    for `ready`, reads one frame and writes one runs at the right speed forever.
    """

    rates: tuple  # wire rates in Hz that `start` takes, the preferred first
    capture_bits: int
    outputs: tuple  # those of "handset", "speaker", "headset" that exist, the default first
    output: str  # the one in use
    running: bool
    rate: int  # wire rate in Hz and octets per frame in each direction, after `start`
    capture_bytes: int
    playout_bytes: int
    ready: object  # compat.ThreadSafeFlag, set by the hardware whenever a captured frame is waiting
    lead_ms: int  # delay from `write` to the output, in ms of captured sound, after `start`
    overruns: int  # captured frames lost because they were not read; counted since the board started
    underruns: int  # frames of silence played for lack of written ones; counted since the board started
    stalls: int  # how often a stream stopped and was restarted; counted since the board started

    def start(self, rate: int, frame_ms: int = 20) -> None:
        """Start both streams, with silence ahead of the first frame written.

        ValueError: a rate that is not in `rates`. OSError or MemoryError: no memory for the streams; the
        codec stays stopped, and may be started again later. A running codec is stopped first.
        """

    def stop(self) -> None:
        """Stop both streams, drop queued frames and silence the output; a second call is harmless.

        The hardware may need some more `poll`s until it has ended.
        """

    def poll(self, now: int) -> None:
        """Restart a stalled stream, end stopped ones, and count frames that were lost without an error.
        Call it about every 10 ms, whether the codec runs or not."""

    def read_into(self, frame) -> bool:
        """Fill `frame` (bytearray or memoryview of `capture_bytes`) with the oldest captured frame.

        False, and `frame` unchanged, if no whole frame is available or the codec is stopped.
        """

    def write(self, frame) -> bool:
        """Queue `frame` (`playout_bytes`) to be played; the buffer may be reused at once.

        False, and the frame is dropped, if the queue is full or the codec is stopped.
        """

    def volume(self, percent: int) -> bool:
        """Set the loudness of the output in hardware, 0 to 100.

        False if this hardware has no such control: then the caller scales the samples.
        """

    def gain(self, percent: int) -> bool:
        """Set the microphone's amplification in hardware, 0 to 100; False as for `volume`."""

    def route(self, output: str) -> str:
        """Play on one of "handset", "speaker", "headset", running or not; return the output now in use.

        An output that this board lacks is replaced by the default.
        """
