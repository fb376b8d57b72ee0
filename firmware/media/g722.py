"""ITU-T G.722, 64 kbit/s: 16 kHz sound, two samples per byte. The twin of `native/core/g722.c`."""

from compat import const

# Table 11: half of the quadrature mirror filter's coefficients; the other half is its mirror image.
_MIRROR = (3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11)
_TAPS = const(24)
KEEP = 22  # samples that the mirror filter keeps
_ZEROS = const(6)

# Table 14 and its continuation: decision levels of the lower band's quantizer.
_DECISIONS = (
    (0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650)
    + (714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919)
)  # fmt: skip

_LARGE = (20456, 12896, 8968, 6288, 4240, 2584, 1200)
_SMALL = (
    (24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576)
    + (6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728)
)  # fmt: skip

# Outputs of the inverse quantizers: 4 bits for the lower band's predictor, 6 bits for the lower band's sound,
# 2 bits for the upper band.
_COARSE = (0,) + tuple([-value for value in _LARGE]) + _LARGE + (0,)
_FINE = (-136,) * 4 + tuple([-value for value in _SMALL]) + _SMALL + (432, 136, -432, -136)
_UPPER = (-7408, -1616, 7408, 1616)

# How each code changes the logarithm of the scale factor.
_STEPS = (3042, 1198, 538, 334, 172, 58, -30)
_COARSE_STEPS = (-60,) + _STEPS + _STEPS + (-60,)
_UPPER_STEPS = (798, -214, 798, -214)

# Table 15: 2^(n/32), Q11.
_POWERS = (
    (2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834)
    + (2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008)
)  # fmt: skip

_LOW_LOG_MAX = const(18432)
_HIGH_LOG_MAX = const(22528)
_HIGH_LEVEL = const(564)


def _clamp(value, lowest, highest):
    return min(max(value, lowest), highest)


def _saturate(value):
    return min(max(value, -32768), 32767)


class _Band:
    """One band's predictor and quantizer (clause 3.6)."""

    def __init__(self, scale, shift, highest):
        self.scale = scale
        self.estimate = 0
        self._shift = shift
        self._highest = highest
        self._log = 0
        self._zeros_estimate = 0
        self._first = self._second = 0  # the poles
        self._zeros = [0] * _ZEROS
        self._differences = [0] * _ZEROS  # newest first
        self._restored = 0
        self._sign = self._older_sign = 0

    def follow(self, difference, step):
        """Adapt the quantizer by `step`, and the predictor by the quantized difference."""
        self._log = log = _clamp((self._log * 127 >> 7) + step, 0, self._highest)
        down = self._shift - (log >> 11)
        power = _POWERS[log >> 6 & 31]
        self.scale = (power << -down if down < 0 else power >> down) << 2
        self._predict(difference)

    def _predict(self, difference):
        restored = _saturate(self.estimate + difference)
        sign = -1 if self._zeros_estimate + difference < 0 else 0
        # UPPOL2, UPPOL1
        turn = _saturate(self._first * 4)
        turn = min(-turn if sign == self._sign else turn, 32767) >> 7
        second = turn + (128 if sign == self._older_sign else -128) + (self._second * 32512 >> 15)
        second = _clamp(second, -12288, 12288)
        bound = 15360 - second
        first = (192 if sign == self._sign else -192) + (self._first * 32640 >> 15)
        self._first = first = _clamp(first, -bound, bound)
        self._second = second
        self._older_sign, self._sign = self._sign, sign
        # UPZERO, FILTEZ
        step = 128 if difference else 0
        total, newer = 0, difference
        for at in range(_ZEROS):
            older = self._differences[at]
            zero = (self._zeros[at] * 255 >> 8) + (-step if (older ^ difference) < 0 else step)
            self._zeros[at] = zero
            self._differences[at] = newer
            total += zero * newer >> 14
            newer = older
        zeros = _saturate(total)
        # FILTEP, PREDIC
        poles = (first * _saturate(restored * 2) >> 15) + (second * _saturate(self._restored * 2) >> 15)
        self._restored = restored
        self._zeros_estimate = zeros
        self.estimate = _saturate(_saturate(poles) + zeros)

    def difference_to(self, sample):
        """(magnitude as the quantizers take it, whether negative) of the difference to the estimate."""
        difference = _saturate(sample - self.estimate)
        return (difference ^ -1 if difference < 0 else difference), difference < 0


def _mirrored(line, at):
    """The two halves of the mirror filter over 24 samples: even and odd ones."""
    even = odd = 0
    for tap in range(_TAPS // 2):
        even += line[at + tap * 2] * _MIRROR[tap]
        odd += line[at + tap * 2 + 1] * _MIRROR[_TAPS // 2 - 1 - tap]
    return even, odd


def split(line) -> "tuple[list, list]":
    """The lower and the upper band of the samples that follow KEEP earlier ones; each is half as long."""
    low, high = [], []
    for at in range(0, len(line) - KEEP, 2):
        even, odd = _mirrored(line, at)
        low.append(_saturate(odd + even >> 13))
        high.append(_saturate(odd - even >> 13))
    return low, high


def join(history: list, low, high) -> list:
    """Join the bands again; `history` is the filter's state, KEEP samples, zeros at first."""
    line = history
    for at in range(len(low)):
        line += ((low[at] >> 1) + (high[at] >> 1), (low[at] >> 1) - (high[at] >> 1))
    samples = []
    for at in range(0, len(line) - KEEP, 2):
        even, odd = _mirrored(line, at)
        samples.append(_saturate(odd >> 11))
        samples.append(_saturate(even >> 11))
    del line[: len(samples)]
    return samples


class Codec:
    """The state of an encoder, or of a decoder."""

    def __init__(self):
        self._low = _Band(32, 8, _LOW_LOG_MAX)
        self._high = _Band(8, 10, _HIGH_LOG_MAX)

    def code(self, low: int, high: int) -> int:
        """The byte for a sample of each band."""
        below = self._quantize_low(low >> 1)
        above = self._quantize_high(high >> 1)
        self._follow(below, above)
        return above << 6 | below

    def _quantize_low(self, sample):
        """Clause 3.3: which of 30 steps on either side the difference is on."""
        magnitude, negative = self._low.difference_to(sample)
        scale = self._low.scale
        step = 1
        while step < 30 and magnitude >= _DECISIONS[step] * scale >> 12:
            step += 1
        if not negative:
            return 62 - step
        return 64 - step if step < 3 else 34 - step

    def _quantize_high(self, sample):
        magnitude, negative = self._high.difference_to(sample)
        step = 2 if magnitude >= _HIGH_LEVEL * self._high.scale >> 12 else 1
        return (2 if negative else 4) - step

    def restore(self, octet: int) -> "tuple[int, int]":
        """A sample of each band for a byte."""
        low, high = octet & 63, octet >> 6
        below = self._low.estimate + (self._low.scale * _FINE[low] >> 15)
        above = self._high.estimate + (self._high.scale * _UPPER[high] >> 15)
        self._follow(low, high)
        return _clamp(below, -16384, 16383) * 2, _clamp(above, -16384, 16383) * 2

    def _follow(self, low, high):
        band = self._low
        band.follow(band.scale * _COARSE[low >> 2] >> 15, _COARSE_STEPS[low >> 2])
        band = self._high
        band.follow(band.scale * _UPPER[high] >> 15, _UPPER_STEPS[high])
