"""What `make fuzz` has kept: each input is played again, so that what was found once stays found."""

from fuzz.targets import TARGETS

from tools.fuzz import read_corpus


def test_every_target_has_a_corpus():
    for name in TARGETS:
        assert len(read_corpus(name)) > 1, name


def test_the_kept_inputs_find_nothing():
    for name, (function, longest) in TARGETS.items():
        for octets in read_corpus(name):
            assert len(octets) <= longest, name
            function(octets)
