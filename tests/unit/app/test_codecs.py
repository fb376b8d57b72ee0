"""Which codecs are offered: wideband only by a phone that can."""

from app import from_settings
from support.web import Anything

ALL = ("G722", "PCMA", "PCMU")
NARROW = ("PCMA", "PCMU")


def chosen(codecs=ALL, rates=(16000, 48000, 8000), wire_rate=None, has_core=True, damage=""):
    kept = from_settings._has_wide_core, from_settings.native_damage
    from_settings._has_wide_core, from_settings.native_damage = lambda: has_core, damage
    try:
        return from_settings.codecs(Anything(codecs=codecs, wire_rate=wire_rate), rates)
    finally:
        from_settings._has_wide_core, from_settings.native_damage = kept


def test_g722_needs_a_core_and_a_wire_that_carry_it():
    assert chosen() == chosen(wire_rate=16000) == chosen(rates=(48000,)) == ALL
    assert chosen(wire_rate=8000) == chosen(rates=(8000,)) == NARROW
    assert chosen(rates=(48000, 8000), wire_rate=16000) == NARROW
    assert chosen(has_core=False) == chosen(damage="voice_core.mpy is damaged") == NARROW


def test_what_is_asked_for_is_left_as_it_is_else():
    assert chosen(("PCMU",), has_core=False) == ("PCMU",)
    assert chosen(("PCMU", "G722")) == ("PCMU", "G722")


def test_a_phone_is_never_without_a_codec():
    assert chosen(("G722",), has_core=False) == NARROW
