"""The reader of screens: what the canvas drew is read back, whatever its size and colour."""

# micropython-heap: 400k: pixels are lists of numbers here

from support.devices import Glass
from ui import font
from ui.canvas import Canvas
from workbench.screen_text import read_text


def glass(draw):
    display = Glass()
    canvas = Canvas(display)
    canvas.begin()
    draw(canvas)
    canvas.end()
    return display.rows()


def test_every_letter_of_ascii_is_told_from_all_others_at_both_sizes():
    for first in range(33, 127, 10):
        text = "".join([chr(code) for code in range(first, min(first + 10, 127))])
        rows = glass(lambda canvas, text=text: canvas.text(1, text) or canvas.big(3, text))
        assert [line for line in read_text(rows) if line] == [text, text]


def test_tabs_are_read_as_text():
    rows = glass(lambda canvas: canvas.softkeys([("Mute"), ("Vol-"), ("Vol+"), ("End")]))
    assert read_text(rows)[-1] == "Mute Vol- Vol+    End"
    assert read_text(rows)[-2] == ""


def test_icons_bars_and_lines_are_no_text():
    def draw(canvas):
        canvas.header(font.icon("bell") + " Incoming", "201")
        canvas.bar(4, "Volume", 40)

    lines = read_text(glass(draw))
    assert lines[0] == "Incoming        201" and lines[1] == "" and lines[4] == "Volume            40%"


def test_big_text_begins_at_any_cell_and_keeps_its_blanks():
    for text in ("1", "12", "14:05", "A B", "+49 301", "0123456789"):
        rows = glass(lambda canvas, text=text: canvas.big(2, text))
        assert [line for line in read_text(rows) if line] == [text]


def test_placed_lines_stand_where_the_text_stands():
    rows = glass(lambda canvas: canvas.text(0, "  x") or canvas.big(2, "7"))
    lines = read_text(rows, placed=True)
    assert len(lines) == 8 and lines[0] == "  x" and lines[2].strip() == "7" and lines[3] == ""


def test_what_is_no_letter_is_shown_as_such():
    display = Glass()
    display.fill_rect(1, 0, 4, 3, 1)
    display.pixel(3, 1, 0)
    assert read_text(display.rows())[0] == "\ufffd"


def test_a_dark_and_a_lit_screen_are_empty():
    display = Glass()
    assert "".join(read_text(display.rows())) == ""
    display.fill(1)
    assert "".join(read_text(display.rows())) == ""
