// Nothing: this port has no hardware.
