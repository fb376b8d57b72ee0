"""A speakerphone's echo canceller, noise suppressor and leveller. The twin of `native/core/echo.c`, whose
header says how they work.

No chip is fast enough for this twin, so no image has it; the tests compare the C with it bit by bit.
"""

from compat import const
from media.echo import fourier, leveller, logs, residual

_PARTS = const(8)
DELAY_MAX = const(24)  # blocks of 10 ms
NOISE = const(1)
LEVEL = const(2)
GAIN_SHIFT = const(8)  # of `options`: steps of 6 dB for samples of 32 bits, 0 to 6

_WEIGHT_MAX = const(1 << 26)
_FAR_FADE = const(-82)
_ROOM_FADE = const(-82)
_FAR_FLOOR = const(4600)
_FAR_HEARD = const(6300)
_ERROR_FLOOR = const(3748)
_UNCERTAIN_MIN = const(-5953)
_LEAK_SHARE = const(-445)
_PATH_WANDERS = const(-2890)
_LOUD = const(3146)


def _at_most(value, limit):
    return min(max(value, -limit), limit)


def saturate(value):
    return min(max(value, -32768), 32767)


def _energy(samples):
    return logs.of(sum([sample * sample >> 6 for sample in samples]))


class _Canceller:
    def __init__(self, rate, options, delay):
        if rate not in (8000, 16000) or not 0 <= delay <= DELAY_MAX:
            raise ValueError("the echo core refused its settings")
        self.block = block = rate // 100
        self.options = options
        self._delayed = [[0] * block for _ in range(delay)]
        self._exponents = [0] * _PARTS  # newest first, as the spectra are
        self._spectra = [[0] * (2 * block + 2) for _ in range(_PARTS)]
        self._weights = [[0] * (2 * block + 2) for _ in range(_PARTS)]
        self._tidied = 0
        self._last_sample = self._high_passed = 0
        self._error_energy = self._mic_energy = self._echo_energy = logs.NOTHING
        self._old_far = [0] * block
        bins = block + 1
        self.far = [logs.NOTHING] * bins
        self._error = [logs.NOTHING] * bins
        self._uncertain = [0] * bins
        self._path = [logs.OF_10] * bins
        self.echo = [logs.NOTHING] * bins
        self.decays = [0] * bins
        self.leak = [-256] * bins
        self.late = [-256] * bins
        self._residual = residual.Residual(self, options & NOISE)
        self._level = leveller.Leveller(block)

    def cancel(self, mic, far):
        block = self.block
        for at in range(0, len(mic), block):
            mic[at : at + block] = self._cancel_block(mic[at : at + block], list(far[at : at + block]))
            if (len(mic) - at) // block % 2 == 0:
                self._tidy()
        return mic

    def _cancel_block(self, mic, far):
        block = self.block
        self._delayed.append(far)
        far = self._delayed.pop(0)
        mic = self._pass_high(mic)
        self._follow_far(far)
        work = self._filter()
        self._follow_path(work)
        fourier.inverse(work, block)
        estimate = [saturate(work[block + at] + 2 >> 2) for at in range(block)]
        error = [saturate(mic[at] - estimate[at]) for at in range(block)]
        error = self._watch_path(mic, error, estimate)
        self._learn(error)
        out = self._residual.suppress(error)
        return self._level.level(out, self._residual.speech) if self.options & LEVEL else out

    def _pass_high(self, mic):
        fade = 6 if self.block == 80 else 7
        passed = []
        for sample in mic:
            self._high_passed += (sample - self._last_sample) * 256 - (self._high_passed >> fade)
            self._last_sample = sample
            passed.append(saturate(self._high_passed >> 8))
        return passed

    def _follow_far(self, far):
        work = [sample * 16 for sample in self._old_far + far] + [0, 0]
        self._old_far = far
        fourier.forward(work, self.block)
        every = 0
        for part in work:
            every |= part ^ -1 if part < 0 else part
        down = max(logs.bit_length(every) - 15, 0)
        kept = [part >> down for part in work]
        self._spectra = [kept] + self._spectra[:-1]
        self._exponents = [down] + self._exponents[:-1]
        for at in range(self.block + 1):
            re, im = kept[2 * at], kept[2 * at + 1]
            self.far[at] = logs.add(self.far[at] + _FAR_FADE, logs.of(re * re + im * im) + down * 512)

    def _filter(self):
        places = 2 * self.block + 2
        work = [0] * places
        for part in range(_PARTS):
            weight, x = self._weights[part], self._spectra[part]
            down = 10 - self._exponents[part]
            up = 1
            if down < 0:
                up, down = 1 << -down, 0
            for at in range(0, places, 2):
                a, b, c, d = weight[at], weight[at + 1], x[at], x[at + 1]
                work[at] += ((a * c >> 16) - (b * d >> 16) >> down) * up
                work[at + 1] += ((a * d >> 16) + (b * c >> 16) >> down) * up
        return [_at_most(part, fourier.PART_MAX) for part in work]

    def _follow_path(self, work):
        for at in range(self.block + 1):
            power = logs.power(work[2 * at], work[2 * at + 1]) + 1024
            far, faded = self.far[at], self.echo[at] + _ROOM_FADE
            if far > _FAR_HEARD:
                self._path[at] = logs.add(self._path[at] + logs.OF_90, power - far + logs.OF_10)
            power -= 256
            self.decays[at] = faded > power + 256
            self.echo[at] = max(power, faded, logs.NOTHING)

    def _watch_path(self, mic, error, estimate):
        self._error_energy = logs.add(self._error_energy + logs.OF_95, _energy(error))
        self._mic_energy = logs.add(self._mic_energy + logs.OF_95, _energy(mic))
        self._echo_energy = logs.add(self._echo_energy + logs.OF_95, _energy(estimate))
        bins = self.block + 1
        if self._error_energy > logs.add(self._mic_energy + 256, _LOUD):
            self._weights = [[0] * (2 * bins) for _ in range(_PARTS)]
            self._uncertain = [0] * bins
            error = mic
            self._error_energy = self._mic_energy
        loud = self._error_energy > _LOUD and self._error_energy > self._mic_energy - 39
        if loud and self._echo_energy > self._mic_energy - 512:
            for at in range(bins):
                self._uncertain[at] = max(self._uncertain[at], self._path[at])
                self.leak[at] = max(self.leak[at], -256)
                self.late[at] = max(self.late[at], -256)
        return error

    def _step(self, at, power):
        far, path, uncertain = self.far[at], self._path[at], self._uncertain[at]
        smooth = logs.add(self._error[at] + logs.OF_60, power + 256 + logs.OF_40)
        heard = logs.add(max(smooth, power), _ERROR_FLOOR)
        share = min(uncertain + far - heard, 0)
        least = path + self.leak[at] + _LEAK_SHARE
        uncertain -= 37 * logs.value(share + 15 * 256) >> 15
        uncertain = max(logs.add(uncertain, path + _PATH_WANDERS), least, _UNCERTAIN_MIN)
        self._uncertain[at] = min(uncertain, 0)
        self._error[at] = smooth
        return share - logs.add(far, _FAR_FLOOR)

    def _learn(self, error):
        block = self.block
        work = [0] * block + [sample * 16 for sample in error] + [0, 0]
        fourier.forward(work, block)
        ups = []
        for at in range(0, 2 * block + 2, 2):
            re, im = work[at], work[at + 1]
            log = self._step(at // 2, logs.power(re, im))
            bits = logs.bit_length((re ^ -1 if re < 0 else re) | (im ^ -1 if im < 0 else im))
            mantissa = logs.mantissa(log) >> 1
            work[at] = (re << 30 - bits) * mantissa >> 16
            work[at + 1] = (im << 30 - bits) * mantissa >> 16
            ups.append(12 + bits + (log >> 8))
        for part in range(_PARTS):
            self._learn_part(part, work, ups)

    def _learn_part(self, part, work, ups):
        weight, x = self._weights[part], self._spectra[part]
        more = self._exponents[part] - part // 3
        for at in range(0, len(work), 2):
            a, b, c, d = work[at], work[at + 1], x[at], x[at + 1]
            re = (a * c >> 16) + (b * d >> 16)
            im = (b * c >> 16) - (a * d >> 16)
            up = ups[at // 2] + more
            if up <= 0:
                up = 31 if up < -31 else -up
                re >>= up
                im >>= up
            else:
                up = min(up, 20)
                re = _at_most(re, _WEIGHT_MAX >> up) << up
                im = _at_most(im, _WEIGHT_MAX >> up) << up
            weight[at] = _at_most(weight[at] + re, _WEIGHT_MAX)
            weight[at + 1] = _at_most(weight[at + 1] + im, _WEIGHT_MAX)

    def _tidy(self):
        block = self.block
        self._tidied = (self._tidied + 1) % _PARTS
        work = list(self._weights[self._tidied])
        fourier.inverse(work, block)
        work[block : 2 * block] = [0] * block
        fourier.forward(work, block)
        self._weights[self._tidied] = [_at_most(part, _WEIGHT_MAX) for part in work]


def new(rate: int, options: int, delay: int):
    """The state of a canceller at 8000 or 16000 Hz; ValueError for others. `options` are NOISE and LEVEL.

    `delay`, in blocks of 10 ms: how long after playing the echo begins, or a little less.
    """
    return _Canceller(rate, options, delay)


def cancel(state, mic, far) -> None:
    """Remove the echo of `far`, which the loudspeaker plays, from `mic`, in place.

    Both hold whole blocks of 10 ms, signed 16-bit; ValueError for buffers of other lengths.
    """
    _check(state, mic, far)
    for at, sample in enumerate(state.cancel(list(mic), far)):
        mic[at] = sample


def cancel_wide(state, mic, far) -> None:
    """As `cancel`, with the microphone's samples left-justified in 32 bits."""
    _check(state, mic, far)
    down = 16 - (state.options >> GAIN_SHIFT & 7)
    for at, sample in enumerate(state.cancel([saturate(sample >> down) for sample in mic], far)):
        mic[at] = sample << down


def _check(state, mic, far):
    if len(mic) != len(far) or len(mic) % state.block:
        raise ValueError("the echo core refused a buffer")
