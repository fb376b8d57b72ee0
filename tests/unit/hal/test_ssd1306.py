"""The model of the display chip, command by command."""

from hal.sim.ssd1306 import Ssd1306


def chip(*transactions):
    device = Ssd1306()
    device.ram = bytearray(1024)
    for octets in transactions:
        assert device.write(bytes(octets))
    return device


def written(device):
    """{index in the RAM: octet} of all that is not zero, index = page * 128 + segment."""
    return {index: octet for index, octet in enumerate(device.ram) if octet}


def lit(rows):
    return [(x, y) for y in range(64) for x in range(128) if rows[y][x]]


def command(*octets):
    return (0x00,) + octets


def data(*octets):
    return (0x40,) + octets


def test_after_power_on():
    device = Ssd1306()
    assert not device.on and not device.lit and device.contrast == 0x7F
    assert device.read(1) == b"\x40"
    assert lit(device.panel()) == []


def test_addressing():
    table = (
        # Page mode, as after reset: the column wraps, the page stays.
        ((command(0xB2, 0x0E, 0x17), data(1, 2, 3)), {2 * 128 + 126: 1, 2 * 128 + 127: 2, 2 * 128: 3}),
        # Horizontal: along the window, then the next page, then from the start.
        ((command(0x20, 0, 0x21, 5, 6, 0x22, 6, 7), data(1, 2, 3, 4, 5)), {773: 5, 774: 2, 901: 3, 902: 4}),
        # Vertical: down the window, then the next column.
        ((command(0x20, 1, 0x21, 5, 6, 0x22, 6, 7), data(1, 2, 3, 4)), {773: 1, 901: 2, 774: 3, 902: 4}),
        # Segment remap is for what is written afterwards.
        ((command(0x20, 0, 0x21, 0, 127, 0x22, 0, 7), data(1), command(0xA1), data(2)), {0: 1, 126: 2}),
        # The pointer's commands of one mode do nothing in another.
        ((command(0x20, 0, 0xB3, 0x0F), data(7)), {0: 7}),
    )
    for transactions, expected in table:
        assert written(chip(*transactions)) == expected, transactions


def test_control_octets():
    # One command, one data octet, and then the rest as data, all in one transaction.
    device = chip((0x80, 0xB1, 0xC0, 9, 0x40, 8, 7))
    assert written(device) == {128: 9, 129: 8, 130: 7}
    # A command's arguments may come in the next transaction.
    assert chip(command(0x81), command(0x33)).contrast == 0x33


def test_settings():
    table = (
        (command(0x81, 0x12), "contrast", 0x12),
        (command(0xA7), "inverted", True),
        (command(0xA7, 0xA6), "inverted", False),
        (command(0xA5), "all_on", True),
        (command(0x8D, 0x14), "pump", True),
        (command(0x8D, 0x10), "pump", False),
        (command(0x6A), "start_line", 0x2A),
        (command(0xD3, 5), "offset", 5),
        (command(0xA8, 31), "multiplex", 31),
        (command(0xE3, 0xD5, 0x80, 0xD9, 0xF1, 0xDA, 0x12, 0xDB, 0x40, 0x2E), "unknown", 0),
        (command(0xFF, 0xFE), "unknown", 2),
    )
    for octets, name, value in table:
        assert getattr(chip(octets), name) == value, octets


def test_lit_needs_the_panel_and_its_charge_pump():
    for octets, expected in (
        ((0xAF,), False),
        ((0x8D, 0x14), False),
        ((0x8D, 0x14, 0xAF), True),
        ((0x8D, 0x14, 0xAF, 0xAE), False),
    ):
        assert chip(command(*octets)).lit is expected


def test_which_way_up():
    # The usual module, with columns and rows mirrored: RAM column 0, page 0, bit 0 is top left.
    upright = chip(command(0xA1, 0xC8), data(1))
    assert lit(upright.image()) == [(0, 0)]
    # Neither mirrored: the picture stands on its head.
    assert lit(chip(data(1)).image()) == [(127, 63)]
    # Start line 1: everything moves up by one, the first row comes in at the bottom.
    assert lit(chip(command(0xA1, 0xC8, 0x41), data(1)).image()) == [(0, 63)]


def test_panel_is_what_is_seen():
    on = command(0xA1, 0xC8, 0x8D, 0x14, 0xAF)
    assert lit(chip(on, data(1)).panel()) == [(0, 0)]
    inverted = chip(on, data(1), command(0xA7)).panel()
    assert inverted[0][0] == 0 and sum(sum(row) for row in inverted) == 8191
    assert all(sum(row) == 128 for row in chip(on, command(0xA5)).panel())
    assert lit(chip(on, data(1), command(0xAE)).panel()) == []


def test_a_chip_without_a_wire_does_not_answer():
    device = chip()
    device.connected = False
    assert not device.write(b"\x00\xaf")
    assert device.read(1) is None
    assert not device.on
