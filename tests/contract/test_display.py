# micropython-heap: 2M: the models of several boards, one of them a display of 150 KB, follow each other
"""Every display: drawing, and what reaches the glass."""

import framebuf

from support.hardware import rigs


def lit(rig):
    """The coordinates of all pixels that a person sees lit."""
    rows = rig.world.display.panel()
    return [(x, y) for y in range(len(rows)) for x in range(len(rows[y])) if rows[y][x]]


def test_drawing_anywhere_is_harmless():
    for rig in rigs("display"):
        display = rig.board.display
        for x, y in ((0, 0), (-5, -5), (display.width, display.height), (1000, 1000)):
            display.pixel(x, y, 1)
            display.hline(x, y, 10, 1)
            display.vline(x, y, 10, 1)
            display.fill_rect(x, y, 10, 10, 1)
        display.show()


def test_what_is_drawn_is_seen_where_it_was_drawn():
    glyph = framebuf.FrameBuffer(bytearray(b"\x80\x40"), 2, 8, framebuf.MONO_VLSB)
    for rig in rigs("display"):
        display = rig.board.display
        display.fill(0)
        display.pixel(0, 0, 1)
        display.pixel(127, 63, 1)
        display.hline(10, 20, 3, 1)
        display.vline(40, 30, 3, 1)
        display.fill_rect(60, 40, 2, 2, 1)
        display.blit(glyph, 100, 8)
        display.show()
        if rig.world is not None:
            assert lit(rig) == [
                (0, 0),
                (101, 14),
                (100, 15),
                (10, 20),
                (11, 20),
                (12, 20),
                (40, 30),
                (40, 31),
                (40, 32),
                (60, 40),
                (61, 40),
                (60, 41),
                (61, 41),
                (127, 63),
            ]


def test_nothing_is_seen_before_show():
    for rig in rigs("display"):
        display = rig.board.display
        display.show()
        display.fill(1)
        assert rig.world is None or lit(rig) == []
        display.show()
        assert rig.world is None or all(sum(row) == display.width for row in rig.world.display.panel())


def test_power_keeps_the_picture():
    for rig in rigs("display"):
        display = rig.board.display
        display.power(False)
        display.pixel(5, 5, 1)
        display.show()
        assert rig.world is None or lit(rig) == []
        display.power(True)
        assert rig.world is None or lit(rig) == [(5, 5)]


def test_contrast_takes_0_to_100():
    for rig in rigs("display"):
        display = rig.board.display
        display.show()
        levels = []
        for percent in (-1, 0, 50, 100, 101):
            display.contrast(percent)
            if rig.world is not None:
                levels.append(rig.world.display.contrast)
        assert levels in ([], [0, 0, 127, 255, 255], [5, 5, 52, 100, 100])


def test_while_sound_is_on_the_bus_is_not_taken_for_longer_than_5_ms():
    for rig in rigs("display"):
        display = rig.board.display
        if rig.world is None:
            assert display.show(True) is False
            continue
        soc = rig.world.soc
        for round in range(3):
            # Everything at first, then what has changed, then a page that changes while a part of it is out.
            display.fill(0)
            display.fill_rect(3, 5, display.width - 9, 7 + 20 * round, 1)
            longest = parts = 0
            more = True
            while more:
                before = soc.bus_us
                more = display.show(True)
                longest = max(longest, soc.bus_us - before)
                parts += 1
                if round == 2 and parts == 2:
                    display.fill_rect(0, 0, 9, display.height, 1)
                assert parts < 200
            assert 0 < longest <= 5000, (rig.name, longest)
            assert display.show(True) is False
            image = rig.world.display.panel()
            for x, y in ((0, 0), (4, 6), (5, 40), (display.width - 1, 1), (display.width // 2, 10)):
                assert image[y][x] == display.pixel(x, y), (rig.name, round, x, y)
