"""`neopixel`, which every image has frozen: here the stand-in of hal/sim."""

from hal.sim.modules.neopixel import NeoPixel  # noqa: F401
