"""The chips beside the main chip: connects a board's PARTS to its buses.

PARTS is {name of a model's module in hal/sim: its I2C address, or the names of the pins that it is wired to}.
"""


def solder_parts(soc, pins, parts) -> dict:
    """{name: model}. Only the models that the board needs are imported, to save memory."""
    soldered = {}
    # Always in the same order, as dicts are not ordered in every interpreter.
    for name in sorted(parts):
        soldered[name] = _MAKERS[name](soc, pins, parts[name])
    if "lan" in pins:
        soc.cable.wiring = pins["lan"]
    return soldered


def _on_i2c(soc, pins, device):
    soc.attach_i2c(pins["i2c_scl"], pins["i2c_sda"], device)
    return device


def _ssd1306(soc, pins, address):
    from hal.sim.ssd1306 import Ssd1306

    return _on_i2c(soc, pins, Ssd1306(address))


def _sh1106(soc, pins, address):
    from hal.sim.sh1106 import Sh1106

    return _on_i2c(soc, pins, Sh1106(address))


def _es8311(soc, pins, address):
    from hal.sim.es8311 import Es8311

    return _on_i2c(soc, pins, Es8311(address))


def _pcf8574(soc, pins, address):
    from hal.sim.expander import Pcf8574

    return _on_i2c(soc, pins, Pcf8574(soc.circuit, address))


def _mcp23017(soc, pins, address):
    from hal.sim.expander import Mcp23017

    return _on_i2c(soc, pins, Mcp23017(soc.circuit, address))


def _tft(inverted_glass):
    def make(soc, pins, _):
        from hal.sim.tft import Tft

        data_pin = pins["tft_dc"]
        device = Tft(lambda: soc.circuit.level(data_pin), inverted_glass)
        soc.attach_spi(pins["tft_sck"], pins["tft_mosi"], pins["tft_cs"], device)
        return device

    return make


_MAKERS = {
    "ssd1306": _ssd1306,
    "sh1106": _sh1106,
    "es8311": _es8311,
    "pcf8574": _pcf8574,
    "mcp23017": _mcp23017,
    "st7789": _tft(True),
    "ili9341": _tft(False),
}
