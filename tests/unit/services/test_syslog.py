import asyncio

import compat
from net.resolver import Resolver
from net.udp import free_socket
from services.syslog import Syslog, timestamp


class Phone:
    def __init__(self):
        self.address = None
        self.resolver = Resolver()


def test_a_line_is_as_rfc_5424_has_it():
    log = Syslog("192.0.2.1", "desk", "bakelite", lambda: 1065910455)
    assert log.line("error", "no way") == b"<131>1 2003-10-11T22:14:15Z desk bakelite - - - no way"
    assert log.line("debug", "ü") == b"<135>1 2003-10-11T22:14:15Z desk bakelite - - - \xef\xbb\xbf\xc3\xbc"
    named = Syslog("192.0.2.1", "desk", "bakelite", lambda: None, "02bace11ab12", "0.1.0")
    assert named.line("info", "up") == (
        b'<134>1 - desk bakelite 02bace11ab12 - [origin software="bakelite" swVersion="0.1.0"] up'
    )
    unset = Syslog("192.0.2.1", "", "bakelite", lambda: None)
    assert unset.line("info", "") == b"<134>1 - - bakelite - - - "
    assert timestamp(1709164800) == "2024-02-29T00:00:00Z"


def test_lines_wait_for_the_network_the_newest_of_them():
    async def run():
        server = free_socket("127.0.0.1")
        log = Syslog("127.0.0.1:%d" % server.port, "desk", "bakelite", lambda: None)
        for number in range(30):
            log("info", "line %d" % number)
        phone = Phone()
        task = asyncio.create_task(log.run(phone))
        await compat.sleep(0)
        assert server.receive() is None
        phone.address = ("127.0.0.1", 5060)
        got = []
        for _ in range(200):
            await compat.sleep(10)
            datagram = server.receive()
            if datagram is not None:
                got.append(str(datagram[0], "utf-8").rpartition(" - ")[2])
            if len(got) == 20:
                break
        assert got == ["line %d" % number for number in range(10, 30)]
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
        server.close()

    asyncio.run(run())
