#include "g722.h"

/* Table 14 and its continuation: decision levels of the lower band's quantizer. */
static const int16_t DECISIONS[30] = { 0,   35,  72,  110, 150, 190,  233,  276,  323,  370,  422,  473,  530,  587,  650,
                                    714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919 };

/* Outputs of the inverse quantizers: of 4 bits for the predictor of the lower band, of 6 bits for the ear, and of the
 * upper band's 2 bits. */
static const int16_t COARSE[16] = {
    0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0,
};
static const int16_t FINE[64] = {
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360,
    -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688,
    -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192,
    6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432,
    -136,
};
static const int16_t UPPER[4] = { -7408, -1616, 7408, 1616 };

/* How each code changes the logarithm of the scale factor: of the lower band's upper 4 bits, of the upper band's 2. */
static const int16_t COARSE_STEPS[16] = {
    -60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60,
};
static const int16_t UPPER_STEPS[4] = { 798, -214, 798, -214 };

/* Table 15: 2^(n/32), Q11. */
static const int16_t POWERS[32] = { 2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543,
                                    2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228,
                                    3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008 };

#define LOW_LOG_MAX 18432
#define HIGH_LOG_MAX 22528
#define HIGH_LEVEL 564
#define SECOND_POLE_MAX 12288
#define POLES_MAX 15360
#define BAND_MAX 16383

CORE void g722_start(struct g722 *g722)
{
    clear_octets(g722, sizeof *g722);
    g722->low.scale = 32;
    g722->high.scale = 8;
}

static inline int32_t clamp(int32_t value, int32_t lowest, int32_t highest)
{
    return value < lowest ? lowest : value > highest ? highest : value;
}

/* The quantizer's scale factor from its logarithm: 2^(log/2048 - shift), clause 3.5. */
static inline void adapt(struct g722_band *band, int32_t step, int32_t highest, int32_t shift)
{
    int32_t log = clamp((band->log_scale * 127 >> 7) + step, 0, highest);
    int32_t down = shift - (log >> 11);
    int32_t power = POWERS[log >> 6 & 31];
    band->log_scale = log;
    band->scale = (down < 0 ? power << -down : power >> down) << 2;
}

/* Clause 3.6, from PARREC to PREDIC: learn from the quantized difference, and estimate the next sample. */
static inline void predict(struct g722_band *band, int32_t difference)
{
    int32_t restored = saturate(band->estimate + difference);
    int32_t sign = (band->zeros_estimate + difference) >> 31;

    /* UPPOL2, UPPOL1 */
    int32_t first = band->pole[0], second = band->pole[1];
    int32_t turn = saturate(first * 4);
    turn = sign == band->signs[0] ? -turn : turn;
    turn = (turn > 32767 ? 32767 : turn) >> 7;
    second = clamp(turn + (sign == band->signs[1] ? 128 : -128) + (second * 32512 >> 15), -SECOND_POLE_MAX,
                   SECOND_POLE_MAX);
    int32_t bound = POLES_MAX - second;
    first = clamp((sign == band->signs[0] ? 192 : -192) + (first * 32640 >> 15), -bound, bound);
    band->pole[0] = first;
    band->pole[1] = second;
    band->signs[1] = band->signs[0];
    band->signs[0] = sign;

    /* UPZERO, FILTEZ: each coefficient with the difference before, then the sum with all moved on by one. */
    int32_t step = difference == 0 ? 0 : 128;
    int32_t sum = 0, newer = difference;
    for (uint32_t at = 0; at < G722_ZEROS; at++) {
        int32_t older = band->difference[at];
        int32_t differs = (older ^ difference) >> 31;
        int32_t zero = (band->zero[at] * 255 >> 8) + ((step ^ differs) - differs);
        band->zero[at] = zero;
        band->difference[at] = newer;
        sum += zero * newer >> 14;
        newer = older;
    }
    int32_t zeros = saturate(sum);

    /* FILTEP, PREDIC */
    int32_t poles = (first * saturate(restored * 2) >> 15) + (second * saturate(band->restored * 2) >> 15);
    band->restored = restored;
    band->zeros_estimate = zeros;
    band->estimate = saturate(saturate(poles) + zeros);
}

/* What encoder and decoder do alike with a code of the lower band, and of the upper. */
static inline void follow_low(struct g722_band *band, uint32_t coarse)
{
    int32_t difference = band->scale * COARSE[coarse] >> 15;
    adapt(band, COARSE_STEPS[coarse], LOW_LOG_MAX, 8);
    predict(band, difference);
}

static inline int32_t follow_high(struct g722_band *band, uint32_t code)
{
    int32_t difference = band->scale * UPPER[code] >> 15;
    int32_t restored = band->estimate + difference;
    adapt(band, UPPER_STEPS[code], HIGH_LOG_MAX, 10);
    predict(band, difference);
    return restored;
}

/* Clause 3.3: which of 30 steps on either side a difference is on. The levels rise, so it is found by halves. */
static inline uint32_t quantize_low(const struct g722_band *band, int32_t sample)
{
    int32_t difference = saturate(sample - band->estimate);
    int32_t magnitude = difference ^ difference >> 31;
    uint32_t low = 1, high = 30;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (magnitude < DECISIONS[middle] * band->scale >> 12) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return difference >= 0 ? 62 - low : low < 3 ? 64 - low : 34 - low;
}

static inline uint32_t quantize_high(const struct g722_band *band, int32_t sample)
{
    int32_t difference = saturate(sample - band->estimate);
    int32_t magnitude = difference ^ difference >> 31;
    uint32_t step = magnitude >= HIGH_LEVEL * band->scale >> 12 ? 2 : 1;
    return (difference < 0 ? 2u : 4u) - step;
}

/* The two halves of the mirror filter over the latest 24 samples, even ones and odd ones: the coefficients of table 11,
 * of which half are written here, as the others are the same backwards. */
#define MIRROR_SUM(x, step) \
    (3 * x[0] - 11 * x[step] + 12 * x[2 * step] + 32 * x[3 * step] - 210 * x[4 * step] + 951 * x[5 * step] \
     + 3876 * x[6 * step] - 805 * x[7 * step] + 362 * x[8 * step] - 156 * x[9 * step] + 53 * x[10 * step] \
     - 11 * x[11 * step])

static inline void mirror(const int16_t *samples, int32_t *even, int32_t *odd)
{
    const int16_t *last = samples + G722_TAPS - 1;
    *even = MIRROR_SUM(samples, 2);
    *odd = MIRROR_SUM(last, -2);
}

CORE void g722_split(const int16_t *line, int16_t *low, int16_t *high, uint32_t count)
{
    for (uint32_t at = 0; at < count; at++) {
        int32_t even, odd;
        mirror(line + at * 2, &even, &odd);
        low[at] = saturate((odd + even) >> 13);
        high[at] = saturate((odd - even) >> 13);
    }
}

CORE void g722_join(int16_t *history, const int16_t *low, const int16_t *high, int16_t *samples, uint32_t count)
{
    int16_t line[G722_KEEP + G722_JOINED * 2];
    copy_samples(line, history, G722_KEEP);
    for (uint32_t at = 0; at < count; at++) {
        line[G722_KEEP + at * 2] = (int16_t)((low[at] >> 1) + (high[at] >> 1));
        line[G722_KEEP + 1 + at * 2] = (int16_t)((low[at] >> 1) - (high[at] >> 1));
    }
    for (uint32_t at = 0; at < count; at++) {
        int32_t even, odd;
        mirror(line + at * 2, &even, &odd);
        samples[at * 2] = saturate(odd >> 11);
        samples[at * 2 + 1] = saturate(even >> 11);
    }
    copy_samples(history, line + count * 2, G722_KEEP);
}

CORE void g722_code(struct g722 *g722, uint8_t *octets, const int16_t *low, const int16_t *high, uint32_t count)
{
    for (uint32_t at = 0; at < count; at++) {
        uint32_t below = quantize_low(&g722->low, low[at] >> 1);
        uint32_t above = quantize_high(&g722->high, high[at] >> 1);
        follow_low(&g722->low, below >> 2);
        follow_high(&g722->high, above);
        octets[at] = (uint8_t)(above << 6 | below);
    }
}

CORE void g722_restore(struct g722 *g722, int16_t *low, int16_t *high, const uint8_t *octets, uint32_t count)
{
    for (uint32_t at = 0; at < count; at++) {
        uint32_t code = octets[at] & 63;
        int32_t below = g722->low.estimate + (g722->low.scale * FINE[code] >> 15);
        follow_low(&g722->low, code >> 2);
        int32_t above = follow_high(&g722->high, octets[at] >> 6);
        low[at] = (int16_t)(clamp(below, -BAND_MAX - 1, BAND_MAX) * 2);
        high[at] = (int16_t)(clamp(above, -BAND_MAX - 1, BAND_MAX) * 2);
    }
}
