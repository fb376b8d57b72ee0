# micropython-heap: 1M: the models of several boards follow each other in one process
"""Every keypad: presses, releases, long presses, two keys at once."""

from support.hardware import poll, rigs


def keys_of(rig):
    """The keys that are pressed; an encoder is turned to get at the other two."""
    turned = ("up", "down") if rig.name == "esp32s3_tft" else ()
    return [key for key in rig.board.keypad.keys if key not in turned]


def events(rig, ms):
    return [news for _, news in poll(rig, rig.board.keypad, ms)]


def test_names_are_unique_and_not_empty():
    for rig in rigs("keypad"):
        keys = rig.board.keypad.keys
        assert "" not in keys
        assert len(set(keys)) == len(keys)


def test_nothing_pressed_says_nothing():
    for rig in rigs("keypad"):
        assert events(rig, 500) == []


def test_every_key_is_pressed_and_released_once():
    for rig in rigs("keypad"):
        for key in keys_of(rig):
            rig.world.press(key)
            assert events(rig, 100) == [(key, "press")]
            rig.world.release(key)
            assert events(rig, 100) == [(key, "release")]


def test_a_held_key_is_long_once():
    for rig in rigs("keypad"):
        for key in rig.board.keypad.keys[:2]:
            rig.world.press(key)
            said = poll(rig, rig.board.keypad, 3000)
            assert [news for _, news in said] == [(key, "press"), (key, "long")], rig.name
            assert 790 <= said[1][0] - said[0][0] <= 830
            rig.world.release(key)
            assert events(rig, 100) == [(key, "release")]


def test_any_two_keys_together():
    for rig in rigs("keypad"):
        keys = keys_of(rig)
        for first, second in [(a, b) for a in keys[:9:2] for b in keys[5:14:2] if a != b]:
            rig.world.press(first)
            assert events(rig, 60) == [(first, "press")]
            rig.world.press(second)
            assert events(rig, 60) == [(second, "press")], (first, second)
            rig.world.release(first)
            assert events(rig, 60) == [(first, "release")]
            rig.world.release(second)
            assert events(rig, 60) == [(second, "release")]


def test_two_keys_that_are_held_are_both_long():
    for rig in rigs("keypad"):
        keys = rig.board.keypad.keys[:2]
        for key in keys:
            rig.world.press(key)
        assert sorted(events(rig, 1500)) == sorted((key, kind) for key in keys for kind in ("press", "long"))
