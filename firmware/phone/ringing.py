"""Ringing: the sound and the light for each state of the calls."""

from phone import words

_RING_LAMP_MS = (250, 250)
_MISSED_LAMP_MS = (200, 1800)


class Ringing:
    """Ringer, message lamp and call-progress tones, updated to the state of the calls.

    `cadence` names the ring cadence, see hal.contract.ringer.
    """

    def __init__(self, ringer, lamp, voice, cadence: str = "etsi", volume: int = 60):
        self._ringer = ringer
        self._lamp = lamp
        self._voice = voice
        self._cadence = cadence
        self._tone = None
        self.messages = 0  # voice messages and texts that wait
        self.set_volume(volume)

    def set_volume(self, percent: int) -> None:
        """Loudness of the ringer, 0 to 100."""
        self.volume = min(max(percent, 0), 100)
        self._ringer.volume(self.volume)

    def update(self, heard, waiting, dial_tone: bool, missed: int, now: int) -> None:
        """`heard` is the call in the ear, or the one that has just ended there; `waiting` is a call to be
        answered; each may be None. `dial_tone`: the person listens, and is to enter a number.
        """
        talks = heard is not None and heard.state != "ended"
        rings = waiting is not None and not talks
        if rings and not self._ringer.ringing:
            self._ringer.start(self._cadence, now)
        elif not rings and self._ringer.ringing:
            self._ringer.stop()
        self._light(waiting is not None, missed, now)
        if waiting is not None:
            self._sound("call_waiting" if talks else None)
        else:
            self._sound(self._wanted(heard, dial_tone))

    def remind(self, listening: bool, now: int) -> None:
        """Remind of a held call: sound until the next `update`."""
        if listening:
            self._sound("call_waiting")
        else:
            self._ringer.start(self._cadence, now)

    def _wanted(self, heard, dial_tone):
        if heard is not None and heard.state == "ended":
            return words.tone(heard.status) if heard.remote_ended else None
        if heard is None:
            return "dial" if dial_tone else None
        return "ringback" if (heard.direction, heard.state) == ("out", "ringing") else None  # ITU-T E.180

    def _sound(self, tone):
        if tone != self._tone:
            self._tone = tone
            self._voice.tone(tone)

    def _light(self, rings, missed, now):
        if rings:
            self._lamp.blink(_RING_LAMP_MS[0], _RING_LAMP_MS[1], now)
        elif missed or self.messages:
            self._lamp.blink(_MISSED_LAMP_MS[0], _MISSED_LAMP_MS[1], now)
        else:
            self._lamp.off()
