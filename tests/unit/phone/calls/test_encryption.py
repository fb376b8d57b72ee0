"""Encrypted calls between whole phones: who hears whom, what the display says, and what never goes in clear."""

# micropython-heap: 2M: three whole phones and the proxy live in one process

from support.desk import Office
from ui import font
from ui.font_data import GLYPHS, ICONS

LOUD = bytes([0, 24, 0, 232] * 80)


class Wire:
    """All packets that the phones send, beside the ether that carries them."""

    def __init__(self, office):
        self.packets = []
        self._carry = office.ether.carry
        office.ether.carry = self._record

    def _record(self, destination, packet):
        self.packets.append(bytes(packet))
        self._carry(destination, packet)


def office(*modes):
    """Phones of these modes; their keys may go over UDP, which is all that there is here."""
    made = Office("201", "202", "203")
    for desk, mode in zip(made.desks, modes):
        desk.line.account.encryption = mode
        desk.line.account.keys_in_clear = True
    return made


def hears(office, who, other):
    """Whether `other` hears what `who` says."""
    office.talk(15)
    who.codec.said = LOUD
    office.talk(15)
    found = bool(other.codec.heard.strip(b"\0"))
    who.codec.said = b""
    office.talk(15)
    return found


def has_lock(desk):
    """Whether the display shows the lock, by its pixels; `screen` reads text only."""
    desk.screen()
    rows = desk.glass.rows()
    lock = GLYPHS[-font.WIDTH :]
    assert ICONS[-1] == "lock", "the last glyph is the lock"
    for x in range(len(rows[0]) % font.WIDTH // 2, len(rows[0]) - font.WIDTH + 1, font.WIDTH):
        shape = [sum([rows[y][x + column] << y for y in range(8)]) for column in range(font.WIDTH)]
        if bytes(shape) == lock or bytes([octet ^ 0xFF for octet in shape]) == lock:
            return True
    return False


def test_both_hear_each_other_and_nothing_goes_in_clear():
    made = office("offer", "offer")
    wire = Wire(made)
    made.call()
    one, two = made.desks[:2]
    assert one.call.encrypted and two.call.encrypted
    assert hears(made, one, two) and hears(made, two, one)
    voice = [packet for packet in wire.packets if packet[1] & 0x7F in (0, 8)]
    assert len(voice) > 50
    assert {len(packet) for packet in voice} == {172 + 10}
    # Silence in clear would be one octet again and again.
    assert all(len(set(packet[12:])) > 60 for packet in voice)
    reports = [packet for packet in wire.packets if packet[1] in (200, 201)]
    assert reports and all(packet[8:].find(b"201") < 0 and packet[8:].find(b"202") < 0 for packet in reports)
    assert has_lock(one) and has_lock(two)
    one.put_down()
    two.put_down()
    made.run(5000)
    assert one.ports.count() == two.ports.count() == 0
    assert not has_lock(one)


def test_a_peer_that_does_not_encrypt_shows_no_lock():
    made = office("offer", "off")
    made.call()
    one, two = made.desks[:2]
    assert not one.call.encrypted and not two.call.encrypted
    assert hears(made, one, two) and hears(made, two, one)
    assert not has_lock(one) and not has_lock(two)


def test_encryption_that_is_required_and_not_had_ends_in_words():
    for modes in (("require", "off"), ("off", "require")):
        made = office(*modes)
        wire = Wire(made)
        one, two = made.desks[:2]
        one.lift()
        one.type("202#")
        made.run(3000)
        assert not one.control.live and not two.control.live
        if modes[0] == "require":
            assert one.control.calls[0].reason == "Cannot be encrypted"
            assert any("Cannot be encrypted" in line for line in one.screen())
        assert not [packet for packet in wire.packets if packet[1] & 0x7F in (0, 8)]
        assert one.ports.count() == two.ports.count() == 0


def test_required_by_both():
    made = office("require", "require")
    made.call()
    assert hears(made, made.desks[0], made.desks[1])
    assert has_lock(made.desks[0])


def test_hold_and_resume_keep_the_keys():
    made = office("require", "offer")
    made.call()
    one, two = made.desks[:2]
    before = one.call.session.media.crypto
    one.press("hold")
    made.run(500)
    assert one.call.state == "held" and two.call.state == "remote_held"
    one.press("hold")
    made.run(500)
    assert one.call.session.media.crypto == before
    assert hears(made, one, two) and hears(made, two, one)
    assert has_lock(one) and has_lock(two)


def test_keys_do_not_go_over_udp_unless_they_may():
    made = office("offer", "offer")
    made.desks[0].line.account.keys_in_clear = False
    made.call()
    assert not made.desks[0].call.encrypted and not has_lock(made.desks[0])
    made = office("require", "offer")
    made.desks[0].line.account.keys_in_clear = False
    one = made.desks[0]
    one.lift()
    one.type("202#")
    made.run(500)
    assert not one.control.live
    assert any("Encryption needs TLS" in line for line in one.screen())


def test_a_conference_of_a_call_that_is_encrypted_and_one_that_is_not():
    made = office("offer", "offer", "off")
    made.call()
    me, two, three = made.desks
    me.control.dial("203", me.network.now)
    made.run(300)
    three.lift()
    made.run(300)
    assert not has_lock(me)  # the call in the ear is not
    me.press("soft3")
    made.run(300)
    assert len(me.control.conference) == 2
    assert two.call.encrypted and not three.call.encrypted
    for who, others in ((me, (two, three)), (two, (me, three)), (three, (me, two))):
        for other in others:
            assert hears(made, who, other), (who.name, other.name)
    assert not has_lock(me), "one of the two can be overheard"


def test_forged_packets_are_counted_and_not_heard():
    made = office("require", "require")
    made.call()
    one, two = made.desks[:2]
    made.talk(5)
    port = two.call.port
    queue = made.ether.open[port.host, port.port]
    for number in range(20):
        queue.append(bytes([0x80, 0, 0x70, number]) + bytes(8) + LOUD[:160])
    made.talk(25)
    assert port.protection.stats()["unauthentic"] == 20
    assert hears(made, one, two)
