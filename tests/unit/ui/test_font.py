"""The font: which letters it has, and what stands for those that it lacks."""

from support.devices import Glass
from ui import font
from ui.font_data import GLYPHS, ICONS, RANGES

GERMAN = "ÄÖÜäöüß"
CZECH = "ÁČĎÉĚÍŇÓŘŠŤÚŮÝŽáčďéěíňóřšťúůýž"
POLISH = "ĄĆĘŁŃÓŚŹŻąćęłńóśźż"
TURKISH = "ÇĞİÖŞÜçğıöşü"
GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψωάέήίόύώ"
RUSSIAN = "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяЁё"


def shape(character):
    start = font.offset(character)
    return GLYPHS[start : start + font.WIDTH]


def test_the_data_is_whole():
    assert len(GLYPHS) == font.WIDTH * sum([count for _, count in RANGES])
    ends = 0
    for first, count in RANGES:
        assert first >= ends
        ends = first + count
    for name in ICONS:
        assert shape(font.icon(name)) != shape("?"), name


def test_letters_of_a_language_are_told_apart():
    for letters in (GERMAN, CZECH, POLISH, TURKISH, GREEK, RUSSIAN):
        assert len({shape(letter) for letter in letters}) == len(letters), letters
        for letter in letters:
            assert shape(letter) != shape("?"), letter
    digits = "0123456789OIlBS+*#"
    assert len({shape(digit) for digit in digits}) == len(digits)


def test_letters_leave_room_to_their_neighbours():
    """Two letters side by side never touch: one column beside each is empty, the same for all of them."""
    for first, last in ((0x21, 0x7E), (0xC0, 0x17F)):
        touching = [code for code in range(first, last + 1) if shape(chr(code))[0] and shape(chr(code))[-1]]
        assert len(touching) <= 12, [chr(code) for code in touching]


def test_what_the_font_lacks_is_a_question_mark():
    for character in "北☃\u4e00\U0001f600":
        assert shape(character) == shape("?")


def test_printable():
    for text, shown in (
        ("Bob", "Bob"),
        ("Müller-Žižek", "Müller-Žižek"),
        ("Nguyễn Thị Việt", "Nguyen Thi Viet"),
        ("Mu\u0308ller", "Muller"),
        ("Ǎ", "A"),
        ("a\tb\nc", "a b c"),
        ("a\u202eb\u200bc\ufeff", "abc"),
        ("\x7f\x85x", "x"),
        ("Ωμέγα Жук", "Ωμέγα Жук"),
        ("", ""),
    ):
        assert font.printable(text) == shown, text


def test_drawing_keeps_to_its_cell():
    for draw, width, height in ((font.draw, 6, 8), (font.draw_double, 12, 16)):
        display = Glass(36, 32)
        draw(display, "W", 12, 8)
        for y in range(32):
            for x in range(36):
                if display.pixel(x, y):
                    assert 12 <= x < 12 + width and 8 <= y < 8 + height
        assert any(display.pixel(x, 8 + height // 2) for x in range(12, 12 + width))


def test_inverted_is_the_opposite():
    plain, inverted = Glass(8, 8), Glass(8, 8)
    font.draw(plain, "ü", 0, 0)
    font.draw(inverted, "ü", 0, 0, True)
    for y in range(8):
        for x in range(6):
            assert plain.pixel(x, y) != inverted.pixel(x, y)
