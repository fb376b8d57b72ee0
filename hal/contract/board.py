"""A board: one of each device."""


class Board:
    """The result of `create()` in boards/<name>/board.py.

    Devices are keyword arguments; a device that the board lacks is taken from hal/null, so every attribute
    exists. `slots` is the name of a driver's module, as the driver is not needed before the first update.
    """

    def __init__(
        self,
        name: str,
        display=None,
        keypad=None,
        hook=None,
        codec=None,
        ringer=None,
        lamps=None,
        network=None,
        storage=None,
        clock=None,
        unique_id: bytes = b"",
        restart=None,
        slots=None,
    ):
        if display is None:
            from hal.null.display import Display

            display = Display()
        if keypad is None:
            from hal.null.keypad import Keypad

            keypad = Keypad()
        if hook is None:
            from hal.null.hook_switch import HookSwitch

            hook = HookSwitch()
        if codec is None:
            from hal.null.codec import Codec

            codec = Codec()
        if ringer is None:
            from hal.null.ringer import Ringer

            ringer = Ringer()
        if network is None:
            from hal.null.network import Network

            network = Network()
        if storage is None:
            from hal.null.storage import Storage

            storage = Storage()
        if clock is None:
            from hal.null.clock import Clock

            clock = Clock()
        self.name = name
        self.display = display
        self.keypad = keypad
        self.hook = hook
        self.codec = codec
        self.ringer = ringer
        self.lamps = lamps or {}
        self.network = network
        self.storage = storage
        self.clock = clock
        self.unique_id = unique_id  # of this chip, for names and addresses that must differ between phones
        self.restart = restart or (lambda: None)  # restart the whole board; does not return on a chip
        self._slots = slots or "hal.null.slots"

    def lamp(self, name: str):
        """The lamp of this name; hal.null's if the board has none."""
        if name not in self.lamps:
            from hal.null.lamp import Lamp

            self.lamps[name] = Lamp()
        return self.lamps[name]

    def slots(self):
        """hal.contract.slots.Slots; the driver is loaded on first use."""
        return __import__(self._slots, None, None, ("Slots",)).Slots()
