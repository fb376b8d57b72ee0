"""The phone book on the screen: found, picked, called; and the name that a caller has in it."""

# micropython-heap: 900k: two whole phones in one process

from phone.phonebook import PhoneBook
from support.desk import Office


def with_names(names):
    office = Office("201", "202")
    one, two = office.desks
    for desk in office.desks:
        book = PhoneBook(desk.control.history._storage)
        assert book.replace(names) == []
        desk.shell.phonebook = book
        desk.line.name_of = book.name_of
    return office, one, two


def test_a_name_is_picked_and_called_and_the_caller_has_a_name():
    office, one, two = with_names([["Grace", "202"], ["Ada", "201"], ["Nobody", "999"]])
    one.press("up")
    office.run(200)
    assert one.screen()[0] == "Phone book        1/3"
    assert [line.strip() for line in one.screen()[1:4]] == [">Ada", "Grace", "Nobody"]
    one.press("down")
    office.run(200)
    assert ">Grace" in one.screen() and "202" in one.screen()
    one.press("ok")
    office.run(1000)
    assert any("Grace" in line for line in one.screen()), one.screen()
    assert any("Ada" in line for line in two.screen()), two.screen()


def test_an_empty_book_says_where_names_are_written():
    office, one, _ = with_names([])
    one.press("up")
    office.run(200)
    assert "No entries yet: see" in one.screen()
    for key in ("ok", "up", "down", "soft1"):
        one.press(key)
    office.run(200)
    one.press("soft4")
    office.run(200)
    assert not any("Phone book" in line for line in one.screen())


def test_the_digit_keys_find_names_by_their_letters():
    office, one, _ = with_names([["Grace Hopper", "202"], ["Ada", "201"], ["Łukasz", "203"]])
    one.press("up")
    one.type("58")
    assert one.screen()[0] == "Search 58         1/1" and ">Łukasz" in one.screen()
    one.press("*")
    one.press("*")
    assert one.screen()[0] == "Phone book        1/3"
    one.type("46")  # a second name counts, too
    assert ">Grace Hopper" in one.screen()
    one.press("9")
    assert "No such name" in [line.strip() for line in one.screen()] and ">Grace Hopper" in one.screen()
    one.press("ok")
    office.run(1000)
    assert one.call.number == "202"
