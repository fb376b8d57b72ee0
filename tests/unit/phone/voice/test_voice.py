"""The voice loop, over a codec and a port that a test holds in its hands."""

# micropython-heap: 400k: the reference core and the fakes are bytecode in RAM here

import gc

from media.engine import Engine
from phone.voice.voice import Voice
from sip.call.offer_answer import Media
from support.devices import Ether, Ports, Sound

PEER = ("192.0.2.2", 4002)


def media(direction="sendrecv", host=PEER[0], codec="PCMA", number=8):
    agreed = Media((host, PEER[1]), (host, PEER[1] + 1), codec, number, number)
    agreed.event_payload_type = 101
    agreed.direction = direction
    return agreed


class Bench:
    def __init__(self):
        self.ether = Ether()
        self.port = Ports(self.ether, "192.0.2.1").open()
        self.peer = Ports(self.ether, "192.0.2.2").open()
        self.codec = Sound()
        self.voice = Voice(self.codec, Engine(native=False), lambda count: bytes(range(count)), cname="me")
        self.now = 0
        self.packet = bytearray(1500)

    def frames(self, count):
        for _ in range(count):
            self.now += 20
            self.codec.waiting += 1
            self.voice.frame(self.now)

    def sent(self):
        """The packets that have come to the peer since the last call."""
        packets = []
        while True:
            length = self.peer.receive_into(self.packet)
            if not length:
                return packets
            packets.append(bytes(self.packet[:length]))


def talking(agreed=None):
    bench = Bench()
    bench.voice.start("handset")
    bench.voice.open(bench.port, agreed or media())
    bench.peer.connect(("192.0.2.1", bench.port.port))
    return bench


def test_it_is_quiet_where_a_short_stop_would_not_be_heard():
    bench = talking()
    bench.frames(2)
    assert bench.voice.quiet
    bench.voice.tone("busy")
    bench.frames(3)
    assert not bench.voice.quiet
    bench.voice.tone(None)
    bench.frames(10)
    assert bench.voice.quiet
    bench.voice.tone("busy")
    bench.frames(3)
    bench.voice.stop()
    assert bench.voice.quiet


def test_one_frame_out_for_each_one_in():
    bench = talking()
    assert bench.codec.running and bench.codec.output == "handset"
    bench.frames(10)
    packets = bench.sent()
    assert [len(packet) for packet in packets] == [172] * 10
    assert [packet[1] & 127 for packet in packets] == [8] * 10
    assert bench.codec.written == 10


def test_what_the_peer_sends_is_heard():
    bench = talking()
    for number in range(10):
        head = bytes([0x80, 8, 0, number, 0, 0, number * 160 >> 8, number * 160 & 255]) + b"peer"
        bench.peer.send(head + b"\x2a" * 160)
        bench.frames(1)
    assert bench.codec.heard.strip(b"\0")
    assert bench.voice.close(bench.now)["received"] == 10


def test_a_tone_needs_no_stream():
    bench = Bench()
    bench.voice.start("handset")
    bench.voice.tone("dial")
    bench.frames(5)
    assert bench.codec.heard.strip(b"\0")
    bench.voice.tone(None)
    bench.frames(5)
    assert not bench.codec.heard.strip(b"\0")
    assert bench.sent() == []


def test_the_wire_runs_as_fast_as_it_may():
    class Any:
        running = False
        rates = (48000, 16000, 8000)
        capture_bits = 16

    for fastest, expected in ((None, 48000), (48000, 48000), (16000, 16000), (8000, 8000), (4000, 8000)):
        assert Voice(Any(), Any(), None, fastest=fastest)._wire_rate() == expected


def test_hold_stops_what_the_direction_says():
    for direction, sends in (
        ("sendrecv", True),
        ("sendonly", True),
        ("recvonly", False),
        ("inactive", False),
    ):
        bench = talking(media(direction))
        bench.frames(3)
        assert bool(bench.sent()) == sends, direction


def test_a_call_on_hold_still_reports_by_rtcp():
    for direction in ("sendonly", "recvonly", "inactive"):
        bench = talking()
        bench.frames(50)
        bench.voice.open(bench.port, media(direction))
        bench.frames(10)
        while bench.peer.receive_rtcp_into(bench.packet):
            pass
        reports = 0
        for _ in range(800):
            bench.frames(1)
            bench.sent()
            while bench.peer.receive_rtcp_into(bench.packet):
                assert bench.packet[1] in (200, 201), direction
                reports += 1
        assert reports >= 2, direction


def test_hold_and_resume_of_an_open_stream():
    bench = talking()
    bench.frames(2)
    assert bench.sent()
    for direction, sends in (
        ("recvonly", False),
        ("sendrecv", True),
        ("inactive", False),
        ("sendonly", True),
    ):
        bench.voice.open(bench.port, media(direction))
        bench.frames(3)
        assert bool(bench.sent()) == sends, direction
        assert bench.voice.send_digit("1") == sends, "a digit must not wait for the end of a hold"


def test_sound_that_goes_off_and_on_leaves_the_stream_as_it_is():
    bench = talking()
    bench.frames(2)
    bench.voice.tone("ringback")
    before = bench.sent()[-1]
    bench.voice.start("speaker")
    bench.voice.stop()
    bench.codec.rates = (48000, 8000)
    bench.voice.start("handset")
    bench.frames(2)
    after = bench.sent()[-1]
    assert after[8:12] == before[8:12] and after[3] == before[3] + 2
    assert bench.codec.rate == 8000 and bench.codec.heard.strip(b"\0")
    assert bench.voice.close(bench.now)["sent"] == 4


def test_another_codec_between_calls_is_another_wire():
    bench = talking()
    bench.voice.close(0)
    bench.voice.stop()
    bench.codec.capture_bits = 32
    bench.codec.said = bytes(640)
    bench.voice.start("handset")
    bench.voice.tone("dial")
    bench.frames(1)
    assert bench.voice.engine.capture_bits == 32 and bench.codec.heard.strip(b"\0")


def test_a_codec_that_stalls_loses_time_and_nothing_else():
    bench = talking()
    bench.frames(3)
    bench.now += 5000
    bench.voice.frame(bench.now)
    assert bench.codec.written == 3
    bench.codec.waiting = 4  # what the hardware kept
    for _ in range(5):
        bench.voice.frame(bench.now)
    packets = bench.sent()
    assert [packet[3] for packet in packets] == [(packets[0][3] + n) & 255 for n in range(7)]
    assert bench.codec.written == 7


def test_the_microphone_is_amplified_where_the_codec_cannot():
    for gain, own, steps in (
        (0, False, 0),
        (60, False, 0),
        (69, False, 0),
        (70, False, 1),
        (100, False, 4),
        (100, True, 0),
    ):
        bench = Bench()
        bench.codec.gain = lambda percent, own=own: own
        voice = Voice(bench.codec, Engine(native=False), bytes, gain=gain)
        voice.start("handset")
        assert voice.engine._microphone == steps, gain


def test_an_address_that_voice_cannot_go_to_gets_nothing():
    bench = talking(media(host="0.0.0.0"))
    bench.frames(3)
    assert bench.sent() == []


def test_mute_sends_silence_and_ends_with_the_call():
    bench = talking()
    bench.codec.said = bytes([0, 32] * 160)
    bench.frames(1)
    loud = bench.sent()[0][12:]
    bench.voice.mute(True)
    bench.frames(2)
    silent = bench.sent()[-1][12:]
    assert loud != silent and silent == b"\xd5" * 160
    bench.voice.close(bench.now)
    assert not bench.voice.muted


def test_a_change_of_codec_keeps_the_stream():
    bench = talking()
    bench.frames(2)
    before = bench.sent()[-1]
    bench.voice.open(bench.port, media(codec="PCMU", number=0))
    bench.frames(1)
    after = bench.sent()[0]
    assert after[1] & 127 == 0
    assert after[8:12] == before[8:12]  # the SSRC
    assert after[2] * 256 + after[3] == before[2] * 256 + before[3] + 1


def test_digits_are_sent_as_events_and_read_from_the_peer():
    bench = Bench()
    assert not bench.voice.send_digit("1")  # no stream to send it into
    bench = talking()
    assert bench.voice.send_digit("5")
    bench.frames(16)
    events = [packet for packet in bench.sent() if packet[1] & 127 == 101]
    assert events and all(packet[12] == 5 for packet in events)
    for packet in events:
        bench.peer.send(packet)
    bench.frames(3)
    assert bench.voice.digits() == "5" and bench.voice.digits() == ""


def test_the_end_says_goodbye_by_rtcp_and_gives_statistics_once():
    bench = Bench()
    assert bench.voice.close(0) is None
    bench = talking()
    bench.frames(4)
    while bench.peer.receive_rtcp_into(bench.packet):
        pass
    stats = bench.voice.close(bench.now)
    assert stats["sent"] == 4 and stats["lost"] == 0
    length = bench.peer.receive_rtcp_into(bench.packet)
    assert 203 in list(bench.packet[:length])  # a BYE (RFC 3550 §6.6) is among the reports
    assert bench.voice.close(bench.now) is None
    bench.frames(2)
    assert len(bench.sent()) == 4


def test_reports_go_out_while_the_call_lasts():
    bench = talking()
    reports = 0
    for _ in range(500):
        bench.frames(1)
        bench.sent()
        if bench.peer.receive_rtcp_into(bench.packet):
            reports += 1
    assert 1 <= reports <= 6  # every five seconds or so, sooner at first


def test_a_flood_does_not_stop_the_sound():
    bench = talking()
    for _ in range(50):
        bench.peer.send(b"noise")
    bench.frames(1)
    assert bench.codec.written == 1
    assert len(bench.ether.open["192.0.2.1", bench.port.port]) >= 30


def test_no_frame_goes_by_while_the_sound_is_off():
    bench = Bench()
    bench.frames(3)
    assert bench.codec.written == 0
    bench.voice.start("handset")
    bench.voice.stop()
    bench.frames(3)
    assert bench.codec.written == 0 and not bench.voice.running


def test_volume_stays_within_bounds_and_is_done_by_whoever_can():
    bench = Bench()
    for asked, got in ((150, 100), (-5, 0), (40, 40)):
        bench.voice.set_volume(asked)
        assert bench.voice.volume == got
    bench.voice.start("speaker")
    bench.voice.tone("dial")
    bench.frames(3)
    loud = bench.codec.heard
    bench.voice.set_volume(0)
    bench.frames(1)
    assert loud.strip(b"\0") and not bench.codec.heard.strip(b"\0")


class Still:
    """An engine that costs nothing: what is left is the loop."""

    rates = (8000,)
    packet = memoryview(bytearray(172))

    def transmit(self, frame, now):
        return self.packet

    def playout(self, frame):
        pass

    def rtcp(self, now):
        return None


class Quiet:
    """A codec and a port that take nothing from the heap."""

    running = False
    rates = (8000,)
    capture_bits = 16
    waiting = 0
    arrivals = None

    def read_into(self, frame):
        self.waiting -= 1
        return self.waiting >= 0

    def write(self, frame):
        return True

    def receive_into(self, buffer):
        return 0

    receive_rtcp_into = receive_into

    def send(self, packet):
        pass


def test_the_loop_itself_leaves_nothing_on_the_heap():
    if not hasattr(gc, "mem_alloc"):
        return  # CPython does not tell
    quiet = Quiet()
    voice = Voice(quiet, Still(), None)
    voice._port = quiet
    voice._captured = voice._playout = bytearray(320)
    gc.collect()
    used = [0, 0]
    for at, count in enumerate((5, 105)):
        quiet.waiting = count
        before = gc.mem_alloc()
        voice.frame(1)
        used[at] = gc.mem_alloc() - before
    assert used[0] == used[1], used


class Spy(Engine):
    def __init__(self, names):
        super().__init__(native=False)
        self._names = names

    def open(self, *positional, **named):
        self._names.append(named["cname"])
        super().open(*positional, **named)


def test_our_name_in_rtcp_is_another_for_each_call():
    names = []

    for octets in (b"\0", b"\xff"):
        bench = Bench()
        bench.voice = Voice(bench.codec, Spy(names), lambda count, octets=octets: octets * count)
        bench.voice.start("handset")
        bench.voice.open(bench.port, media())
    assert names == ["AAAAAAAAAAAAAAAA", "////////////////"]
