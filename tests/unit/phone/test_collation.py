"""Names without accents, and on the digit keys."""

from phone import collation


def test_accents_and_case_are_taken_away():
    for text, folded in (("Łukasz Öztürk", "lukasz ozturk"), ("ÆØß", "aos"), ("ωmega", "ωmega"), ("", "")):
        assert collation.fold(text) == folded, text


def test_any_word_of_a_name_is_found_by_its_keys():
    for name, typed, found in (
        ("Grace Hopper", "47", True),
        ("Grace Hopper", "46", True),
        ("Grace Hopper", "7223", False),  # within a word
        ("Łukasz", "58", True),
        ("Room 12", "12", True),
        ("Ada", "", True),
        ("Ω", "2", False),
    ):
        assert collation.begins(name, typed) is found, (name, typed)
