"""Suppresses residual echo and noise in each bin of the spectrum. The twin of `native/core/residual.c`."""

from compat import const
from media.echo import fourier, logs

_NEIGHBOUR = const(-850)
_LEAK_LEAST = const(-3402)
_LEAK_MOST = const(255)
_LEAK_UP = const(13)
_LEAK_DOWN = const(13)
_LEAK_DOWN_FAST = const(18)
_LEAK_UP_SLOW = const(3)
_LEAK_FAR_OFF = const(850)
_LEAK_SPEECH = const(1020)
_OVERDRIVE = const(338)
_NOISE_BLOCKS = const(150)
_NOISE_OVER_LEAST = const(217)
_NOISE_UP = const(11)
_NOISE_DOWN = const(-510)
_SPEECH_FROM = const(4)
_SPEECH_TO = const(60)
_SILENCE = const(-850)


class Residual:
    """The suppressor's state of each bin."""

    def __init__(self, canceller, noise):
        self._canceller = canceller
        self._least_gain = _NOISE_DOWN if noise else 0
        self.speech = 32767  # probability of near-end speech, Q15
        self._dice = 1
        self._blocks = self._settled = 0
        block = canceller.block
        bins = block + 1
        self._old = [0] * block
        self._overlap = [0] * block
        self._noise = [logs.NOTHING] * bins
        self._smooth = [logs.NOTHING] * bins
        self._least = [16000] * bins
        self._least_now = [16000] * bins
        self._prior = [logs.NOTHING] * bins
        self._power, self._disturbs, self._gain = [0] * bins, [0] * bins, [0] * bins

    def suppress(self, error):
        """The block to send, from the canceller's `error`."""
        block = self._canceller.block
        work = [0] * (2 * block + 2)
        for at in range(block):
            work[at] = self._old[at] * fourier.slope(at, block) >> 11
            work[block + at] = error[at] * fourier.slope(block - at, block) >> 11
        self._old = error
        fourier.forward(work, block)
        self._blocks = 1 if self._blocks == _NOISE_BLOCKS else self._blocks + 1
        self._settled |= self._blocks > 4
        echoes = self._weigh_bins(work)
        share = min(3 * 256 * echoes // (_SPEECH_TO - _SPEECH_FROM), 256)
        silence = (_SILENCE * share >> 8) * (32768 - self.speech) >> 15
        for at in range(block + 1):
            self._shape_bin(work, at, silence)
        fourier.inverse(work, block)
        out = []
        for at in range(block):
            first = (work[at] * fourier.slope(at, block) >> 16) >> 3
            second = (work[block + at] * fourier.slope(block - at, block) >> 16) >> 3
            out.append(_saturate(first + self._overlap[at]))
            self._overlap[at] = _saturate(second)
        return out

    def _follow_noise(self, at, power):
        self._smooth[at] = smooth = logs.add(self._smooth[at] + logs.OF_80, power + logs.OF_20)
        self._least[at] = min(self._least[at], smooth)
        self._least_now[at] = min(self._least_now[at], smooth)
        if self._blocks == _NOISE_BLOCKS:
            self._least[at] = self._least_now[at]
            self._least_now[at] = smooth
        wanted, noise = self._least[at] + _NOISE_OVER_LEAST, self._noise[at]
        if not self._settled:
            noise = power - 256
        elif wanted < noise:
            noise = logs.add(noise + logs.OF_90, wanted + logs.OF_10)
        else:
            noise = min(noise + _NOISE_UP, wanted)
        self._noise[at] = noise = max(noise, 2048)
        return noise

    def _weigh_bins(self, work):
        canceller, heard = self._canceller, self._canceller.echo
        bins = len(heard)
        evidence = echoes = 0
        overdrive = _OVERDRIVE * (32768 - self.speech) >> 15
        for at in range(bins):
            power = max(logs.power(work[2 * at], work[2 * at + 1]), 2048)
            beside = max(
                heard[at - 1] if at else logs.NOTHING, heard[at + 1] if at < bins - 1 else logs.NOTHING
            )
            loud = max(heard[at], beside + _NEIGHBOUR)
            noise = self._follow_noise(at, power)
            left = loud + _follow_leak(
                canceller.late if canceller.decays[at] else canceller.leak, at, power, loud, noise
            )
            disturbs = logs.add(left + overdrive, noise)
            if _SPEECH_FROM <= at < _SPEECH_TO:
                evidence += max(min(power - 512 - logs.add(left, noise), 1024), 0)
                echoes += left > noise
            self._power[at] = power
            self._disturbs[at] = disturbs
            self._gain[at] = self._wiener(at, power - disturbs)
        seen = min(min(evidence // (_SPEECH_TO - _SPEECH_FROM), 256) * 128, 32767)
        apart = seen - self.speech
        self.speech += apart * (154 if apart > 0 else 31) >> 8
        return echoes

    def _wiener(self, at, over):
        now = logs.less_one(over) + logs.OF_10 if over > 0 else logs.NOTHING
        ratio = logs.add(self._prior[at] + logs.OF_90, now)
        gain = ratio - logs.add(ratio, 0)
        self._prior[at] = max(2 * gain + over, logs.NOTHING)
        return gain

    def _shape_bin(self, work, at, silence):
        power, noise, least = self._power[at], self._noise[at], self._least_gain
        gain = min(max(self._gain[at] + silence, least + (noise - self._disturbs[at] >> 1)), 0)
        amplitude = min(logs.value(gain + 15 * 256), 32767)
        re, im = (work[2 * at] * amplitude >> 16) * 2, (work[2 * at + 1] * amplitude >> 16) * 2
        passed = 2 * gain + power
        missing = 2 * least + noise - passed
        if missing > 0:
            comfort = logs.value(passed + logs.less_one(missing) - 256 >> 1)
            self._dice = (self._dice * 1664525 + 1013904223) & 0xFFFFFFFF
            re += -comfort if self._dice & 0x40000000 else comfort
            im += -comfort if self._dice & 0x20000000 else comfort
        work[2 * at] = re
        work[2 * at + 1] = im


def _follow_leak(leak, at, power, heard, noise):
    now, seen = leak[at], power - heard
    if heard + now > noise + 512 or heard > noise + 1256:
        if seen > now:
            step = _LEAK_UP_SLOW if seen > now + _LEAK_SPEECH else _LEAK_UP
        else:
            step = -_LEAK_DOWN_FAST if seen < now - _LEAK_FAR_OFF else -_LEAK_DOWN
        leak[at] = max(min(now + step, _LEAK_MOST), _LEAK_LEAST)
    return leak[at]


def _saturate(value):
    return min(max(value, -32768), 32767)
