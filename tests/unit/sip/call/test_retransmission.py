"""A response that is repeated until it is acknowledged (RFC 3261 §13.3.1.4, RFC 3262 §3)."""

from sip.call.retransmission import Retransmission
from sip.timers import Timers
from sip.transaction import T1, T2


class Scene:
    def __init__(self, **options):
        self.now = 0
        self.sent = []  # ms
        self.silences = []
        self.timers = Timers()
        self.response = Retransmission(self.timers, self, "response", self.on_silence, 0, **options)

    def respond(self, response, now):
        assert response == "response"
        self.sent.append(now)

    def on_silence(self, response, now):
        assert response is self.response
        self.silences.append(now)

    def run(self):
        while self.timers.deadline() is not None:
            self.now = self.timers.deadline()
            self.timers.run(self.now)


def test_it_is_sent_at_doubled_intervals_for_64_t1():
    scene = Scene()
    scene.run()
    assert scene.sent == [0, 500, 1500, 3500, 7500, 15500, 31500]
    assert scene.silences == [64 * T1]


def test_the_interval_has_a_bound_where_one_is_given():
    scene = Scene(longest=T2)
    scene.run()
    assert scene.sent == [0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]
    assert scene.silences == [64 * T1]


def test_it_stops():
    scene = Scene()
    scene.timers.run(scene.timers.deadline())
    scene.response.stop()
    assert len(scene.timers) == 0
    scene.run()
    assert scene.sent == [0, 500] and scene.silences == []
    scene.response.stop()
