"""The other side's media at the name of a host."""

from phone.calls import named_media

HOST = "media.example.com"
TARGETS = [("udp", ("192.0.2.9", 4000))]


class Thing:
    def __init__(self, **named):
        for name in named:
            setattr(self, name, named[name])


class Switchboard:
    """Notes which voice is opened, with whether it is heard."""

    def __init__(self, answer=TARGETS):
        self.answer = answer
        self.asked = []
        self.opened = []
        self.heard = None
        self.conference = []
        self.user_agent = Thing(endpoint=Thing(locator=self))

    def locate(self, host, port, transport, secure, found, now):
        self.asked.append((host, port, transport))
        self.found = found
        return self.answer

    def open_voice(self, call, now, heard):
        self.opened.append((call, heard))

    def ask(self, function, now):
        function(now)


def call(rtcp=None):
    ended = []
    media = Thing(remote=(HOST, 4000), remote_rtcp=rtcp)
    session = Thing(media=media, end=ended.append)
    return Thing(session=session, live=True, trouble="", ended=ended)


def test_the_voice_opens_at_the_address():
    board, made = Switchboard(), call((HOST, 4001))
    named_media.resolve(board, made, 7)
    assert board.asked == [(HOST, 4000, "udp")]
    assert made.session.media.remote == ("192.0.2.9", 4000)
    assert made.session.media.remote_rtcp == ("192.0.2.9", 4001)
    assert board.opened == [(made, False)]


def test_the_address_of_rtcp_is_its_own():
    for rtcp in (None, ("192.0.2.77", 9)):
        board, made = Switchboard(), call(rtcp)
        named_media.resolve(board, made, 0)
        assert made.session.media.remote_rtcp == rtcp


def test_who_is_heard():
    for heard, in_conference in ((True, False), (False, True), (False, False)):
        board, made, other = Switchboard(), call(), call()
        board.heard = made if heard else other
        board.conference = [other, made] if in_conference else [other]
        named_media.resolve(board, made, 0)
        assert board.opened == [(made, heard or in_conference)]


def test_a_name_without_an_address_ends_the_call():
    board, made = Switchboard([]), call()
    named_media.resolve(board, made, 7)
    assert made.ended == [7] and made.trouble and board.opened == []
    board.user_agent.endpoint.locator = None
    made = call()
    named_media.resolve(board, made, 8)
    assert made.ended == [8] and board.opened == []


def test_an_answer_that_comes_too_late_counts_no_more():
    board, made = Switchboard(None), call()
    named_media.resolve(board, made, 0)
    assert board.opened == []
    made.live = False
    board.found(TARGETS, 1)
    moved = call()
    named_media.resolve(board, moved, 0)
    moved.session.media = Thing(remote=("192.0.2.1", 5), remote_rtcp=None)
    board.found(TARGETS, 1)
    assert board.opened == [] and moved.session.media.remote == ("192.0.2.1", 5)
    third = call()
    named_media.resolve(board, third, 0)
    board.found(TARGETS, 1)
    assert board.opened == [(third, False)]
