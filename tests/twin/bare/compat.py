"""compat for an interpreter without asyncio, sockets and a clock: the little that a voice core's vectors need."""

from micropython import const  # noqa: F401


def damage_of(module):
    return ""


def native_format():
    return ""
