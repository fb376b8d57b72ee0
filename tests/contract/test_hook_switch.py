# micropython-heap: 1M: the models of several boards follow each other in one process
"""Every hook switch: what it says when the handset moves."""

from support.hardware import poll, rigs


def test_starts_on_hook_and_says_nothing():
    for rig in rigs("hook"):
        assert poll(rig, rig.board.hook, 300) == []
        assert rig.board.hook.off_hook is False


def test_lifting_and_putting_down_is_told_once_and_soon():
    for rig in rigs("hook"):
        if rig.world is None:
            continue
        for state in ("off", "on", "off", "on"):
            rig.world.hook(state)
            said = poll(rig, rig.board.hook, 400)
            assert [news for _, news in said] == [state]
            assert said[0][0] <= 60
            assert rig.board.hook.off_hook is (state == "off")


def test_a_handset_that_was_lifted_at_the_start_is_told():
    for rig in rigs("hook"):
        if rig.world is None:
            continue
        rig.world.hook("off")
        rig.run(100)
        assert [news for _, news in poll(rig, rig.board.hook, 100)] == ["off"]


def test_a_knock_is_not_a_lift():
    for rig in rigs("hook"):
        if rig.world is None:
            continue
        for _ in range(5):
            rig.world.hook("off")
            assert poll(rig, rig.board.hook, 10, every=5) == []
            rig.world.hook("on")
            assert poll(rig, rig.board.hook, 60, every=5) == []
