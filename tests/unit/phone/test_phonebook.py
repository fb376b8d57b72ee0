"""The phone book: what it keeps, whom it knows, and what it refuses."""

from hal.null.storage import Storage
from phone.phonebook import MAX_COUNT, PhoneBook

FRIENDS = [["Grace Hopper", "202"], ["Ada Lovelace", "+49 30 1234567"], ["Operator", "sip:op@example.com"]]


def filled():
    book = PhoneBook(Storage())
    assert book.replace(FRIENDS) == []
    return book


def test_it_is_kept_over_a_restart_and_in_order_of_names():
    book = filled()
    again = PhoneBook(book._storage)
    assert [name for name, _ in again.entries] == ["Ada Lovelace", "Grace Hopper", "Operator"]


def test_numbers_are_known_with_and_without_prefixes():
    for number, name in (
        ("202", "Grace Hopper"),
        ("0301234567", "Ada Lovelace"),
        ("1234567", "Ada Lovelace"),
        ("+49301234567", "Ada Lovelace"),
        ("0049 (30) 123-4567", "Ada Lovelace"),
        ("sip:op@example.com", "Operator"),
        ("1202", None),
        ("20", None),
        ("234567", None),
        ("", None),
        ("op@example.com", None),
        ("2234567", None),
    ):
        assert filled().name_of(number) == name, number
    assert PhoneBook(Storage()).name_of("202") is None


def test_what_is_wrong_is_told_and_changes_nothing():
    for entries, told in (
        ({}, "names: must be a list"),
        ([["a", "1"]] * (MAX_COUNT + 1), "names: must be a list of at most 100"),
        ([["a"]], "names[0]: must be a name and a number"),
        ([["a", "1"], ["b", 2]], "names[1].number: must have"),
        ([["", "1"]], "names[0].name: must have 1 to 64"),
        ([["x" * 65, "1"]], "names[0].name: must have"),
        ([["a\nb", "1"]], "names[0].name: must not contain"),
        ([["a", "\ud800"]], "names[0].number: must not"),
    ):
        book = filled()
        mistakes = book.replace(entries)
        assert len(mistakes) == 1 and mistakes[0].startswith(told), mistakes
        assert len(book.entries) == 3


def test_a_broken_file_is_an_empty_book():
    for octets in (b"", b"{", b"{}", b"[[1,2]]", b"\xff", b"[" * 5000):
        storage = Storage()
        storage.write("phonebook.json", octets)
        assert PhoneBook(storage).entries == []


def test_a_full_store_is_told():
    book = filled()

    def full(name, *pieces):
        raise OSError(28)

    book._storage.write = full
    assert book.replace([["a", "1"]])[0].startswith("names: could not be stored")
    assert len(book.entries) == 3


def test_what_cannot_be_dialled_is_no_number():
    for number in ("call me maybe", "201@", "sip:", "<201>", "20 one", "a:b"):
        mistakes = filled().replace([["a", number]])
        assert mistakes == ["names[0].number: must be a number or a SIP address"], (number, mistakes)
    for number in ("202", "+49 (30) 12-34.5/6", "*98#", "alice", "201@pbx.example", "sips:op@example.com"):
        assert filled().replace([["a", number]]) == [], number


def test_a_book_of_before_that_has_such_a_number_is_kept():
    storage = Storage()
    storage.write("phonebook.json", b'[["a","call me maybe"]]')
    assert PhoneBook(storage).entries == [["a", "call me maybe"]]


def test_accents_and_case_do_not_change_the_order_of_names():
    names = ["Zoë", "Łukasz", "éclair", "Öztürk", "zebra", "Ärzte", "Ada", "Émile", "Lukas", "Őry"]
    book = PhoneBook(Storage())
    assert book.replace([[name, "1"] for name in names]) == []
    kept = [name for name, _ in book.entries]
    assert kept == ["Ada", "Ärzte", "éclair", "Émile", "Lukas", "Łukasz", "Őry", "Öztürk", "zebra", "Zoë"]
