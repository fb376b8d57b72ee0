"""The wires of the simulated board: who wins at a node."""

from hal.sim.circuit import IN, OPEN_DRAIN, OUT, PULL_DOWN, PULL_UP, Circuit


def wired(*pins):
    """A circuit with pins 0, 1, … of (mode, pull, output)."""
    circuit = Circuit()
    for number, (mode, pull, output) in enumerate(pins):
        pin = circuit.pin(number)
        pin.mode, pin.pull, pin.output = mode, pull, output
    return circuit


def close(circuit, a, b, diode=False):
    contact = circuit.contact(a, b, diode)
    circuit.set_contact(contact, True)
    return contact


def test_a_pin_alone():
    table = (
        ((IN, PULL_UP, 0), 1),
        ((IN, PULL_DOWN, 1), 0),
        ((OUT, None, 0), 0),
        ((OUT, PULL_DOWN, 1), 1),
        ((OPEN_DRAIN, PULL_UP, 1), 1),
        ((OPEN_DRAIN, PULL_UP, 0), 0),
    )
    for pin, level in table:
        assert wired(pin).level(0) == level, pin


def test_a_floating_pin_keeps_what_it_had():
    circuit = wired((IN, None, 0))
    contact = close(circuit, 0, "VCC")
    assert circuit.level(0) == 1
    circuit.set_contact(contact, False)
    assert circuit.level(0) == 1


def test_two_pins_through_a_contact():
    table = (
        ((IN, PULL_UP, 0), (OUT, None, 0), 0),
        ((IN, PULL_DOWN, 0), (OUT, None, 1), 1),
        ((IN, PULL_UP, 0), (OPEN_DRAIN, None, 0), 0),
        ((IN, PULL_UP, 0), (OPEN_DRAIN, None, 1), 1),
        ((IN, None, 0), (IN, PULL_UP, 0), 1),
    )
    for first, second, level in table:
        circuit = wired(first, second)
        contact = close(circuit, 0, 1)
        assert circuit.level(0) == level, (first, second)
        circuit.set_contact(contact, False)
        circuit.pin(0).level = 1 - level
        if first[1] is not None:
            assert circuit.level(0) == (1 if first[1] == PULL_UP else 0)


def test_a_diode_passes_one_way():
    # Current from 0 to 1: 1 can pull 0 low, 0 cannot pull 1 low; the other way round for high.
    assert pulled_through_diode(PULL_UP, 0, at_anode=True) == 0
    assert pulled_through_diode(PULL_UP, 0, at_anode=False) == 1
    assert pulled_through_diode(PULL_DOWN, 1, at_anode=False) == 1
    assert pulled_through_diode(PULL_DOWN, 1, at_anode=True) == 0


def pulled_through_diode(pull, output, at_anode):
    circuit = wired((IN, pull, 0), (OUT, None, output))
    close(circuit, 0 if at_anode else 1, 1 if at_anode else 0, diode=True)
    return circuit.level(0)


def test_three_contacts_of_a_rectangle_make_the_fourth():
    for diodes, fourth in ((False, 0), (True, 1)):
        # Rows 0 and 1 with pull-ups, columns 2 and 3; column 3 is looked at.
        circuit = wired((IN, PULL_UP, 0), (IN, PULL_UP, 0), (OPEN_DRAIN, None, 1), (OPEN_DRAIN, None, 0))
        for row, column in ((0, 2), (1, 2), (1, 3)):
            close(circuit, row, column, diodes)
        assert circuit.level(1) == 0
        assert circuit.level(0) == fourth


def test_outputs_against_each_other_are_counted():
    circuit = wired((OUT, None, 0), (OUT, None, 1))
    circuit.level(0)
    assert circuit.shorts == 0
    close(circuit, 0, 1)
    assert circuit.level(0) == 0
    assert circuit.shorts > 0


def test_interrupts_fire_on_their_edge_only():
    for trigger, expected in ((1, [1]), (2, [0]), (3, [0, 1])):
        circuit = wired((IN, PULL_UP, 0))
        levels = []
        pin = circuit.pin(0)
        pin.level = 1
        pin.trigger = trigger
        pin.handler = lambda pin, levels=levels: levels.append(pin.level)
        contact = close(circuit, 0, "GND")
        circuit.set_contact(contact, False)
        assert levels == expected
