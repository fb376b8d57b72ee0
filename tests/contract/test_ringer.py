# micropython-heap: 1M: the models of several boards follow each other in one process
"""Every ringer: cadences, start, stop, volume."""

from support.hardware import rigs


def sounding(rig, ms):
    """(tick, on) of each change of the ringer in `ms`, polled every 50."""
    ringer = rig.board.ringer
    changes = [(0, ringer.sounding)]
    for passed in range(50, ms + 1, 50):
        rig.run(50)
        ringer.poll(rig.clock.now())
        if ringer.sounding != changes[-1][1]:
            changes.append((passed, ringer.sounding))
    return changes


def test_rings_until_stopped():
    for rig in rigs("ringer"):
        ringer = rig.board.ringer
        assert not ringer.ringing and not ringer.sounding
        ringer.start(ringer.cadences[0], rig.clock.now())
        assert ringer.ringing
        sounding(rig, 7000)
        assert ringer.ringing
        ringer.stop()
        assert not ringer.ringing and not ringer.sounding
        assert sounding(rig, 7000) == [(0, False)]
        ringer.stop()


def test_every_cadence_and_an_unknown_one():
    for rig in rigs("ringer"):
        for name in rig.board.ringer.cadences + ("no such cadence",):
            rig.board.ringer.start(name, rig.clock.now())
            assert rig.board.ringer.ringing
            sounding(rig, 1000)
            rig.board.ringer.stop()


def test_the_countries_cadences():
    table = (
        ("etsi", [(0, True), (1000, False), (5000, True), (6000, False)]),
        ("us", [(0, True), (2000, False), (6000, True)]),
        (
            "uk",
            [
                (0, True),
                (400, False),
                (600, True),
                (1000, False),
                (3000, True),
                (3400, False),
                (3600, True),
                (4000, False),
                (6000, True),
                (6400, False),
                (6600, True),
                (7000, False),
            ],
        ),
    )
    for rig in rigs("ringer"):
        for name, changes in table:
            if rig.world is not None:
                rig.board.ringer.start(name, rig.clock.now())
                assert sounding(rig, 7500) == changes, name


def test_volume_is_heard():
    for rig in rigs("ringer"):
        rig.board.ringer.start("etsi", rig.clock.now())
        loudness = []
        for percent in (0, 50, 100):
            rig.board.ringer.volume(percent)
            sounding(rig, 200)
            if rig.world is not None:
                loudness.append(rig.world.ringer_loudness)
        assert loudness == sorted(loudness)
        if rig.world is not None:
            assert loudness[0] == 0 and loudness[2] >= 99
        rig.board.ringer.stop()
        rig.board.ringer.volume(100)
        assert rig.world is None or rig.world.ringer == 0
