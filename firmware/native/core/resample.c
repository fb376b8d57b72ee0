#include "resample.h"

#include "tables.h"
#if WIDE
#include "g722.h"
#endif

/* Taps are Q15 and each filter's sum of |taps| is below 2, so 32 bits hold every sum. */
static inline int16_t round15(int32_t sum)
{
    return saturate((sum + 16384) >> 15);
}

/* 48 -> 16 kHz: 12 taps, symmetric. */
static void third_down(int16_t *out, const int16_t *in)
{
    for (uint32_t index = 0; index < STEP_16K; index++, in += 3) {
        out[index] = round15(THIRD_BAND_0 * (in[0] + in[11]) + THIRD_BAND_1 * (in[1] + in[10])
                             + THIRD_BAND_2 * (in[2] + in[9]) + THIRD_BAND_3 * (in[3] + in[8])
                             + THIRD_BAND_4 * (in[4] + in[7]) + THIRD_BAND_5 * (in[5] + in[6]));
    }
}

/* The 22 taps of the half-band filter beside its centre, `apart` samples from each other. */
#define HALF_BAND_SUM(in, apart)                                                                                  \
    (HALF_BAND_0 * (in[0] + in[21 * apart]) + HALF_BAND_1 * (in[1 * apart] + in[20 * apart])                      \
     + HALF_BAND_2 * (in[2 * apart] + in[19 * apart]) + HALF_BAND_3 * (in[3 * apart] + in[18 * apart])            \
     + HALF_BAND_4 * (in[4 * apart] + in[17 * apart]) + HALF_BAND_5 * (in[5 * apart] + in[16 * apart])            \
     + HALF_BAND_6 * (in[6 * apart] + in[15 * apart]) + HALF_BAND_7 * (in[7 * apart] + in[14 * apart])            \
     + HALF_BAND_8 * (in[8 * apart] + in[13 * apart]) + HALF_BAND_9 * (in[9 * apart] + in[12 * apart])            \
     + HALF_BAND_10 * (in[10 * apart] + in[11 * apart]))

/* 16 -> 8 kHz. */
static void half_down(int16_t *out, const int16_t *in)
{
    for (uint32_t index = 0; index < STEP_8K; index++, in += 2) {
        out[index] = round15(HALF_BAND_SUM(in, 2) + 16384 * in[21]);
    }
}

/* 8 -> 16 kHz: the same filter at twice the gain; every other sample passes as it is. */
static void half_up(int16_t *out, const int16_t *in)
{
    for (uint32_t index = 0; index < STEP_8K; index++, in++) {
        out[0] = saturate((HALF_BAND_SUM(in, 1) + 8192) >> 14);
        out[1] = in[11];
        out += 2;
    }
}

/* 16 -> 48 kHz: three phases of four taps. */
static void third_up(int16_t *out, const int16_t *in)
{
    for (uint32_t index = 0; index < STEP_16K; index++, in++) {
        int32_t a = in[0], b = in[1], c = in[2], d = in[3];
        out[0] = round15(THIRD_BAND_OUTER_3 * a + THIRD_BAND_OUTER_2 * b + THIRD_BAND_OUTER_1 * c
                         + THIRD_BAND_OUTER_0 * d);
        out[1] = round15(THIRD_BAND_INNER_0 * (a + d) + THIRD_BAND_INNER_1 * (b + c));
        out[2] = round15(THIRD_BAND_OUTER_0 * a + THIRD_BAND_OUTER_1 * b + THIRD_BAND_OUTER_2 * c
                         + THIRD_BAND_OUTER_3 * d);
        out += 3;
    }
}

CORE int16_t *resample_down_place(struct resample_down *down, uint32_t rate)
{
    return rate == 48000 ? down->wire + THIRD_DOWN_KEEP : down->middle + HALF_DOWN_KEEP;
}

static void to_middle(struct resample_down *down, uint32_t rate)
{
    if (rate == 48000) {
        third_down(down->middle + HALF_DOWN_KEEP, down->wire + 1);
        copy_samples(down->wire, down->wire + STEP_48K, THIRD_DOWN_KEEP);
    }
}

static void from_middle(struct resample_up *up, uint32_t rate, int16_t *out)
{
    if (rate == 48000) {
        third_up(out, up->middle + 1);
        copy_samples(up->middle, up->middle + STEP_16K, THIRD_UP_KEEP);
    }
}

CORE void resample_down_step(struct resample_down *down, uint32_t rate, int16_t *out)
{
    to_middle(down, rate);
    half_down(out, down->middle + 1);
    copy_samples(down->middle, down->middle + STEP_16K, HALF_DOWN_KEEP);
}

CORE void resample_up_step(struct resample_up *up, uint32_t rate, const int16_t *in, int16_t *out)
{
    copy_samples(up->voice + HALF_UP_KEEP, in, STEP_8K);
    int16_t *middle = rate == 48000 ? up->middle + THIRD_UP_KEEP : out;
    half_up(middle, up->voice + 1);
    copy_samples(up->voice, up->voice + STEP_8K, HALF_UP_KEEP);
    from_middle(up, rate, out);
}

#if WIDE
CORE void resample_split_step(struct resample_down *down, uint32_t rate, int16_t *low, int16_t *high)
{
    to_middle(down, rate);
    g722_split(down->middle + HALF_DOWN_KEEP - G722_KEEP, low, high, STEP_8K);
    copy_samples(down->middle, down->middle + STEP_16K, HALF_DOWN_KEEP);
}

CORE void resample_join_step(struct resample_up *up, uint32_t rate, const int16_t *low, const int16_t *high,
                             int16_t *out)
{
    int16_t *middle = rate == 48000 ? up->middle + THIRD_UP_KEEP : out;
    g722_join(up->voice, low, high, middle, STEP_8K);
    from_middle(up, rate, out);
}
#endif
