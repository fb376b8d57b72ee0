"""compat for an interpreter without asyncio, sockets and a clock: the little that a voice core's vectors need."""

from micropython import const  # noqa: F401

native_damage = ""


def native_format():
    return ""
