"""G.711 against the tables of the recommendation."""

from media import g711

# Table 1/G.711 (13 bits) and 2/G.711 (14 bits): the value at the decoder output by its number, at the ends of
# every segment; 16-bit samples are these times 8 and 4.
A_VALUES = {
    1: 1,
    16: 31,
    17: 33,
    32: 63,
    33: 66,
    48: 126,
    49: 132,
    64: 252,
    65: 264,
    80: 504,
    81: 528,
    96: 1008,
    97: 1056,
    112: 2016,
    113: 2112,
    128: 4032,
}
MU_VALUES = {
    0: 0,
    1: 2,
    15: 30,
    16: 33,
    31: 93,
    32: 99,
    47: 219,
    48: 231,
    63: 471,
    64: 495,
    79: 975,
    80: 1023,
    95: 1983,
    96: 2079,
    111: 3999,
    112: 4191,
    127: 8031,
}


def compressed(sample, law):
    octets = bytearray(1)
    g711.compress(octets, 0, (sample,), law)
    return octets[0]


def test_decoder_output_is_that_of_the_tables():
    a, mu = g711.expansion(g711.LAW_A), g711.expansion(g711.LAW_MU)
    for number, value in A_VALUES.items():
        character = (number - 1) ^ 0x55  # even bits are inverted on the line
        assert a[0x80 ^ character] == 8 * value
        assert a[character] == -8 * value
    for number, value in MU_VALUES.items():
        character = 0x7F - number
        assert mu[0x80 | character] == 4 * value
        assert mu[character] == -4 * value


def test_every_octet_comes_back_as_itself():
    for law in (g711.LAW_MU, g711.LAW_A):
        table = g711.expansion(law)
        for octet in range(256):
            again = compressed(table[octet], law)
            if law == g711.LAW_MU and octet == 0x7F:
                assert again == 0xFF  # minus zero is zero
            else:
                assert again == octet


def test_samples_are_told_apart_at_the_decision_values():
    # Column 3 of the tables: the first decision value, then (values, their distance) to the end.
    mu = decisions([(1, 1), (15, 2)] + [(16, 4 << segment) for segment in range(7)])
    a = decisions([(32, 2)] + [(16, 4 << segment) for segment in range(6)])
    assert (mu[16], mu[32], mu[112], mu[128]) == (31, 95, 4063, 8159)
    assert (a[32], a[48], a[112], a[128]) == (64, 128, 2048, 4096)
    for law, table, bits in ((g711.LAW_MU, mu, 2), (g711.LAW_A, a, 3)):
        number = 0
        for sample in range(0, 32768, 3):
            while number < 127 and table[number + 1] <= sample >> bits:
                number += 1
            positive = 0xFF - number if law == g711.LAW_MU else 0x80 | number ^ 0x55
            assert compressed(sample, law) == positive, sample
            assert compressed(-1 - sample, law) == positive ^ 0x80, sample


def decisions(runs):
    values = [0]
    for count, distance in runs:
        for _ in range(count):
            values.append(values[-1] + distance)
    return values


def test_full_scale_is_clipped():
    for sample, mu, a in ((32767, 0x80, 0xAA), (-32768, 0x00, 0x2A), (0, 0xFF, 0xD5)):
        assert compressed(sample, g711.LAW_MU) == mu
        assert compressed(sample, g711.LAW_A) == a
