"""The canvas: rows of cells, and how little is drawn."""

# micropython-heap: 400k: pixels are lists of numbers here

from support.devices import Glass
from ui.canvas import Canvas
from workbench.screen_text import read_text


def drawn(fill, width=128, height=64):
    display = Glass(width, height)
    canvas = Canvas(display)
    canvas.begin()
    fill(canvas)
    canvas.end()
    return read_text(display.rows(), placed=True)


def test_the_grid_of_a_display():
    for width, height, columns, rows in ((128, 64, 21, 8), (128, 32, 21, 4), (240, 64, 40, 8)):
        canvas = Canvas(Glass(width, height))
        assert (canvas.columns, canvas.rows) == (columns, rows)


def test_the_header_s_left_text_gives_way():
    for left, right, line in (
        ("Dial", "201", "Dial              201"),
        ("A very long thing indeed", "0:05", "A very long thing 0:05"[:16] + " 0:05"),
        ("Exactly twenty-one ch", "", "Exactly twenty-one ch"),
    ):
        assert drawn(lambda canvas, pair=(left, right): canvas.header(pair[0], pair[1]))[0] == line


def test_text_is_cut_and_centred():
    assert drawn(lambda canvas: canvas.text(3, "x" * 30))[3] == "x" * 21
    assert drawn(lambda canvas: canvas.text(3, "abc", True))[3] == " " * 9 + "abc"
    assert drawn(lambda canvas: canvas.text(-3, "abc"))[5] == "abc"


def test_big_text_keeps_its_end():
    assert drawn(lambda canvas: canvas.big(2, "123456789012"))[2].strip() == "3456789012"


def test_text_that_does_not_fit_moves_by_cells_and_rests_at_either_end():
    text = "0123456789abcdefghijklmno"  # four cells too long
    seen = []
    for step in range(40):
        display = Glass()
        canvas = Canvas(display)
        canvas.begin()
        assert canvas.scroll(1, text, step)
        canvas.end()
        line = read_text(display.rows())[1]
        assert line in text and len(line) == 21
        seen.append(text.index(line))
    assert seen[:5] == [0] * 5 and max(seen) == 4 and seen[-1] < 4
    assert max([abs(seen[step] - seen[step - 1]) for step in range(1, len(seen))]) == 1
    assert not Canvas(Glass()).scroll(1, "short", 7)


def test_only_what_is_new_is_drawn_and_shown():
    display = Glass()
    canvas = Canvas(display)
    cells = []
    blit = display.blit

    def counting(source, x, y):
        cells.append((x // 6, y // 8))
        blit(source, x, y)

    display.blit = counting
    for text, drawn in (
        ("0:59", [(0, 3), (1, 3), (2, 3), (3, 3)]),
        ("0:59", []),
        ("0:58", [(3, 3)]),
        ("1:08 h", [(0, 3), (2, 3), (4, 3), (5, 3)]),
        ("1:08", [(5, 3)]),
    ):
        del cells[:]
        shows = display.shows
        canvas.begin()
        canvas.text(3, text)
        canvas.end()
        assert cells == drawn, cells
        assert display.shows - shows == (1 if drawn else 0)
        assert read_text(display.rows())[3] == text


def test_a_row_that_was_tabs_or_big_is_drawn_whole():
    display = Glass()
    canvas = Canvas(display)

    def fill(canvas, name, row, content):
        canvas.begin()
        if name == "softkeys":
            canvas.softkeys(content)
        else:
            getattr(canvas, name)(row, content)
        canvas.end()

    for name, row, content in (
        ("softkeys", 7, ["A", "", "", "B"]),
        ("text", 7, "A"),
        ("big", 6, "A"),
        ("text", 6, "A"),
    ):
        fill(canvas, name, row, content)
        fresh = Glass()
        fill(Canvas(fresh), name, row, content)
        assert display.rows() == fresh.rows(), (name, row)


def test_big_text_and_small_text_take_each_other_s_place():
    display = Glass()
    canvas = Canvas(display)
    for fill, lines in (
        (lambda: canvas.big(2, "14:05"), ["14:05"]),
        (lambda: canvas.text(3, "below"), ["below"]),
        (lambda: canvas.big(2, "14:05"), ["14:05"]),
        (lambda: canvas.big(3, "14:06"), ["14:06"]),
        (lambda: canvas.text(2, "above"), ["above"]),
    ):
        canvas.begin()
        fill()
        canvas.end()
        assert [line for line in read_text(display.rows()) if line] == lines


def test_the_bar_shows_percent():
    display = Glass()
    for percent in (0, 50, 100):
        canvas = Canvas(display)
        canvas.begin()
        canvas.bar(3, "Volume", percent)
        canvas.end()
        # A line of pixels through the middle of the bar.
        lit = sum([display.pixel(x, 27) for x in range(1 + 7 * 6, 1 + 16 * 6)])
        assert abs(lit - 54 * percent // 100) <= 6, (percent, lit)


def test_tabs_grow_when_there_is_room_above():
    for above, lit in (("", 1), ("text", 0)):
        display = Glass()
        canvas = Canvas(display)
        canvas.begin()
        canvas.text(6, above)
        canvas.softkeys(["", "", "", "End"])
        canvas.end()
        assert display.pixel(120, 55) == lit
        assert display.pixel(127, 60) == 1 and display.pixel(20, 60) == 0


def test_softkeys_stand_above_their_keys():
    for labels, line in (
        (["Call", "Del", "", "Quit"], "Call Del         Quit"),
        (["Calls", "Texts", "Cont", "Stat"], "Calls Texts Cont Stat"),
        (["Reply", "Call", "Del", "Back"], "Reply Call Del   Back"),
        (["Hold", "Xfer", "New", "End"], "Hold Xfer New     End"),
        (["Check", "", "", "Back"], "Check            Back"),
        (["Answer", "", "Silence", "Reject"], "Answer Silence Reject"),
        (["Install older", "", "", "Back"], "Install older    Back"),
        (["One", "Two", "Three and four", "Five"], "One  Two  Three anFive"[:17] + "Five"),
        (["", "", "", "End"], "                  End"),
        (["Answer"], "Answer"),
        ([], ""),
    ):
        assert drawn(lambda canvas, labels=labels: canvas.softkeys(labels))[7] == line
