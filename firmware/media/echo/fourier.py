"""Fourier transforms of real samples, in integers. The twin of `native/core/fft.c`.

A spectrum, like the 2n samples that it belongs to, is a list of 2n + 2 numbers; n is 80 or 160.
"""

from compat import const

_TURN = const(320)
_RIGHT = const(80)

# A quarter of a sine, Q15.
_QUARTER = (
    (0, 643, 1286, 1929, 2571, 3212, 3851, 4489, 5126, 5760, 6393, 7022, 7649, 8273, 8894, 9512, 10126)
    + (10735, 11341, 11943, 12539, 13131, 13718, 14300, 14876, 15446, 16011, 16569, 17121, 17666, 18204)
    + (18736, 19260, 19777, 20286, 20787, 21280, 21766, 22242, 22710, 23170, 23620, 24062, 24494, 24916)
    + (25329, 25732, 26126, 26509, 26882, 27245, 27597, 27938, 28269, 28589, 28898, 29196, 29482, 29757)
    + (30021, 30273, 30513, 30742, 30958, 31163, 31356, 31537, 31705, 31862, 32006, 32137, 32257, 32364)
    + (32458, 32540, 32609, 32666, 32710, 32742, 32761, 32767)
)  # fmt: skip

# cos 72, cos 144, sin 72 and sin 144 degrees, Q15; and the rest of 1/n after the stages' shifts.
_COS_1, _COS_2, _SIN_1, _SIN_2 = 10126, -26510, 31164, 19261
_REST = const(26214)

PART_MAX = const(1 << 29)


def slope(at, n):
    """The slope of a window over 2n samples, Q15: rising from 0 at 0 to 1 at n."""
    return _QUARTER[at] if n == _RIGHT else (_QUARTER[at // 2] + _QUARTER[(at + 1) // 2]) >> 1


def _angle(steps):
    """(cosine, sine)."""
    sine, cosine = _QUARTER[steps % _RIGHT], _QUARTER[_RIGHT - steps % _RIGHT]
    quadrant = steps // _RIGHT
    if quadrant == 0:
        return cosine, sine
    if quadrant == 1:
        return -sine, cosine
    if quadrant == 2:
        return -cosine, -sine
    return sine, -cosine


def _weigh(a, by, b, weight):
    return ((a * by >> 16) + (b * weight >> 16)) * 2


def _turn(re, im, cosine, sine):
    """(re, im) rotated back by an angle."""
    return ((re * cosine >> 16) + (im * sine >> 16)) * 2, ((im * cosine >> 16) - (re * sine >> 16)) * 2


def _put(to, at, re, im, steps):
    if steps:
        cosine, sine = _angle(steps)
        re, im = _turn(re, im, cosine, sine)
    to[2 * at] = re
    to[2 * at + 1] = im


def _stage_5(to, data, length, down):
    part, step = length // 5, _TURN // length
    for p in range(part):
        re, im = [], []
        for j in range(5):
            re.append(data[2 * (p + j * part)] >> down)
            im.append(data[2 * (p + j * part) + 1] >> down)
        outer, inner = (re[1] + re[4], im[1] + im[4]), (re[2] + re[3], im[2] + im[3])
        across, within = (re[1] - re[4], im[1] - im[4]), (re[2] - re[3], im[2] - im[3])
        first, second, left, right = [], [], [], []
        for i in range(2):
            middle = im[0] if i else re[0]
            first.append(middle + _weigh(outer[i], _COS_1, inner[i], _COS_2))
            second.append(middle + _weigh(outer[i], _COS_2, inner[i], _COS_1))
            left.append(_weigh(across[i], _SIN_1, within[i], _SIN_2))
            right.append(_weigh(across[i], _SIN_2, within[i], -_SIN_1))
        angle = p * step
        _put(to, 5 * p, re[0] + outer[0] + inner[0], im[0] + outer[1] + inner[1], 0)
        _put(to, 5 * p + 1, first[0] + left[1], first[1] - left[0], angle)
        _put(to, 5 * p + 2, second[0] + right[1], second[1] - right[0], 2 * angle)
        _put(to, 5 * p + 3, second[0] - right[1], second[1] + right[0], 3 * angle)
        _put(to, 5 * p + 4, first[0] - left[1], first[1] + left[0], 4 * angle)


def _stage_4(to, data, length, stride, down):
    part, step = length // 4, _TURN // length
    apart = 2 * stride * part
    for p in range(part):
        for q in range(stride):
            at = 2 * (q + stride * p)
            a, b, c, d = [data[at + j * apart] >> down for j in range(4)]
            e, f, g, h = [data[at + 1 + j * apart] >> down for j in range(4)]
            out = q + 4 * stride * p
            _put(to, out, a + c + b + d, e + g + f + h, 0)
            _put(to, out + stride, a - c + f - h, e - g - b + d, p * step)
            _put(to, out + 2 * stride, a + c - b - d, e + g - f - h, 2 * p * step)
            _put(to, out + 3 * stride, a - c - f + h, e - g + b - d, 3 * p * step)


def _stage_2(to, data, stride, down):
    for at in range(2 * stride):
        a, b = data[at] >> down, data[at + 2 * stride] >> down
        to[at] = a + b
        to[at + 2 * stride] = a - b


def _transform(data, n, scaled):
    spare = [0] * len(data)
    _stage_5(spare, data, n, scaled * 2)
    _stage_4(data, spare, n // 5, 5, scaled * 2)
    _stage_4(spare, data, n // 20, 20, scaled * 2)
    if n == 160:
        _stage_2(data, spare, 80, scaled)
    else:
        data[: 2 * n] = spare[: 2 * n]


def _halves(data, k, n):
    """The parts of bins k and n - k."""
    return data[2 * k] >> 1, data[2 * k + 1] >> 1, data[2 * (n - k)] >> 1, data[2 * (n - k) + 1] >> 1


def forward(data, n) -> None:
    """The spectrum of 2n samples, in place."""
    _transform(data, n, 0)
    data[2 * n] = data[0]
    data[2 * n + 1] = data[1]
    for k in range(n // 2 + 1):
        a, b, c, d = _halves(data, k, n)
        angle = k * (_TURN // 2 // n)
        re, im = _turn(b + d, c - a, _QUARTER[_RIGHT - angle], _QUARTER[angle])
        data[2 * k] = a + c + re
        data[2 * k + 1] = b - d + im
        data[2 * (n - k)] = a + c - re
        data[2 * (n - k) + 1] = im - (b - d)


def inverse(data, n) -> None:
    """The 2n samples of a spectrum, in place."""
    for k in range(n // 2 + 1):
        a, b, c, d = _halves(data, k, n)
        angle = k * (_TURN // 2 // n)
        re, im = _turn(a - c, b + d, _QUARTER[_RIGHT - angle], -_QUARTER[angle])
        data[2 * k] = b - d + re
        data[2 * k + 1] = a + c - im
        data[2 * (n - k)] = re - (b - d)
        data[2 * (n - k) + 1] = a + c + im
    _transform(data, n, 1)
    for at in range(0, 2 * n, 2):
        re, im = data[at], data[at + 1]
        data[at] = (im * _REST >> 16) * 2
        data[at + 1] = (re * _REST >> 16) * 2
