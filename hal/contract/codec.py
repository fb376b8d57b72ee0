"""What every sound path does."""


class Codec:
    """Microphone and earpiece: two streams of frames on one clock.

    Sound is signed, little-endian, mono. The microphone gives `capture_bits` (16, or 32 with the sample in
    the upper bits), the output takes 16. Rate and frame length are the same both ways. Nothing here
    allocates between `start` and `stop`.

    The codec's clock is the clock of a call: one frame is captured for each one played, so a loop that waits
    for `ready`, reads one frame and writes one runs at the right speed forever.
    """

    rates: tuple  # wire rates in Hz that `start` takes, the preferred first
    capture_bits: int
    outputs: tuple  # of "handset", "speaker", "headset": those there are, the default first
    output: str  # the one in use
    running: bool
    rate: int  # wire rate in Hz and octets of one frame each way, after `start`
    capture_bytes: int
    playout_bytes: int
    ready: object  # compat.ThreadSafeFlag, set by the hardware whenever a captured frame is waiting
    lead_ms: int  # from when a frame is written to when it is heard, in ms of captured sound, after `start`
    overruns: int  # captured frames lost because nobody read them; counted since the board started
    underruns: int  # frames of silence played because nobody wrote; counted since the board started
    stalls: int  # how often a stream stood still, and was set going again; counted since the board started

    def start(self, rate: int, frame_ms: int = 20) -> None:
        """Start both streams, with silence ahead of the first frame written.

        ValueError: a rate that is not in `rates`. OSError or MemoryError: no memory for the streams; it
        stays stopped, and may be started again later. A codec that runs is stopped first.
        """

    def stop(self) -> None:
        """Stop both streams, drop what is queued, and silence the output; again is harmless.

        The hardware may need some `poll`s more until it has ended.
        """

    def poll(self, now: int) -> None:
        """Call it every 10 ms or so, whether the codec runs or not: a stream that stands still goes on,
        what was stopped ends, and frames that were lost without a word are counted."""

    def read_into(self, frame) -> bool:
        """Fill `frame` (bytearray or memoryview of `capture_bytes`) with the oldest captured frame.

        False, and `frame` as it was, if no whole frame is there or the codec is stopped.
        """

    def write(self, frame) -> bool:
        """Queue `frame` (`playout_bytes`) behind those to be played; it may be reused at once.

        False, and the frame is dropped, if enough is queued already or the codec is stopped.
        """

    def volume(self, percent: int) -> bool:
        """Set the loudness of the output in hardware, 0 to 100.

        False if this hardware has no such control: then the caller scales the samples itself.
        """

    def gain(self, percent: int) -> bool:
        """Set the microphone's amplification in hardware, 0 to 100; False as for `volume`."""

    def route(self, output: str) -> str:
        """Play on one of "handset", "speaker", "headset", whether running or not; return the one now in use.

        An output that this board lacks is replaced by the default.
        """
