"""A key matrix on an I/O expander (hal.drivers.expander_pcf8574, expander_mcp23017): two wires for all keys.

At rest every column is low, and one read of about 0.1 ms tells that no key is down.
"""

from hal.drivers import keypad_matrix


class Keypad(keypad_matrix.Keypad):
    """As keypad_matrix; `rows` and `columns` are numbers of the expander's pins."""

    def __init__(self, chip, rows, columns, names, diodes: bool = False):
        self._chip = chip
        self._row_bits = [1 << number for number in rows]
        self._column_bits = [1 << number for number in columns]
        self._all = sum(self._column_bits)
        chip.use_matrix(sum(self._row_bits), self._all)
        chip.pull_low(self._all)
        self._begin(names, diodes)

    def _read_columns(self) -> None:
        for index, column in enumerate(self._column_bits):
            self._chip.pull_low(column)
            self._scan[index] = self._read_rows()
        self._chip.pull_low(self._all)

    def _read_rows(self) -> int:
        levels = self._chip.read()
        low = 0
        for index, bit in enumerate(self._row_bits):
            if not levels & bit:
                low |= 1 << index
        return low
