"""The driver that every image has frozen: hal/sim's stand-in."""

from hal.sim.modules.neopixel import NeoPixel  # noqa: F401
