"""The wires between a simulated chip's pins: outputs, pull resistors, contacts and diodes.

A node is a pin's number, or the name of another point where wires meet; "GND" and "VCC" are the supply. A
level is 0 or 1. Current is not modelled, only priority: an output beats a resistor, and two outputs that
drive a node to different levels are a short circuit, which is counted.
"""

# Modes of a pin, numbered as machine.Pin numbers them on the ESP32 (Pin.ALT, -1 here: a peripheral owns it).
IN = 1
OUT = 3
OPEN_DRAIN = 7
PULL_DOWN = 1
PULL_UP = 2


class Pin:
    """One pin of the chip, with its registers' state."""

    def __init__(self, number):
        self.number = number
        self.mode: "int | None" = None
        self.pull: "int | None" = None
        self.output = 0
        self.pwm: "tuple | None" = None  # (frequency in Hz, duty 0..65535) while a PWM channel drives the pin
        self.handler = None
        self.trigger = 0
        self.level = 0  # as last seen; a floating pin keeps it

    def driven(self):
        """The level to which the pin drives its node, or None."""
        if self.pwm is not None:
            return 1 if self.pwm[1] else 0
        if self.mode == OUT:
            return self.output
        if self.mode == OPEN_DRAIN and not self.output:
            return 0
        return None


class Contact:
    """A switch between two nodes; with a diode, current flows from `a` to `b` only."""

    def __init__(self, a, b, diode=False):
        self.a = a
        self.b = b
        self.diode = diode
        self.closed = False


class Circuit:
    def __init__(self):
        self.pins = {}
        self.contacts = []
        self.shorts = 0  # times that outputs drove a node to both levels
        self.on_output = []  # called with a Pin whose output, mode or PWM changed
        self._closed = []

    def pin(self, number) -> Pin:
        if number not in self.pins:
            self.pins[number] = Pin(number)
        return self.pins[number]

    def contact(self, a, b, diode=False) -> Contact:
        """Add an open switch."""
        contact = Contact(a, b, diode)
        self.contacts.append(contact)
        return contact

    def set_contact(self, contact, closed) -> None:
        """Close or open a switch; a pin whose level changes fires its interrupt."""
        if contact.closed != closed:
            contact.closed = closed
            self._closed = [each for each in self.contacts if each.closed]
            self.settle()

    def changed(self, pin) -> None:
        """The chip has changed the output of `pin`."""
        for listener in self.on_output:
            listener(pin)
        self.settle()

    def settle(self) -> None:
        """Fire the interrupts of all pins whose level has changed."""
        for pin in list(self.pins.values()):
            if pin.handler is None:
                continue
            before = pin.level
            level = self.level(pin.number)
            if level != before and pin.trigger & (1 if level else 2):
                pin.handler(pin)

    def level(self, number) -> int:
        """The level that the chip reads at a pin."""
        pin = self.pin(number)
        low, weak_low = self._reaching(number, 0)
        high, weak_high = self._reaching(number, 1)
        if low and high:
            self.shorts += 1
        if low:
            pin.level = 0
        elif high or weak_high:
            pin.level = 1
        elif weak_low:
            pin.level = 0
        return pin.level

    def _reaching(self, start, level):
        """(whether an output, whether a resistor) pulls the node to `level` through closed contacts."""
        strong = weak = False
        seen = [start]
        for node in seen:
            pin = self.pins.get(node)
            if pin is not None:
                strong = strong or pin.driven() == level
                weak = weak or pin.pull == (PULL_UP if level else PULL_DOWN)
            elif node == ("VCC" if level else "GND"):
                strong = True
                continue
            for contact in self._closed:
                # A diode passes a high level from a to b, and with the same current a low level from b to a.
                if contact.a == node and not (contact.diode and level) and contact.b not in seen:
                    seen.append(contact.b)
                if contact.b == node and not (contact.diode and not level) and contact.a not in seen:
                    seen.append(contact.a)
        return strong, weak
