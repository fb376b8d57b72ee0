#include "echo.h"
#include "logs.h"

#define NEIGHBOUR (-850)     /* a bin's echo in the bins beside it */
#define LEAK_LEAST (-3402)   /* -40 dB */
#define LEAK_MOST 255
#define LEAK_UP 13           /* 0.15 dB in a block */
#define LEAK_DOWN 13
#define LEAK_DOWN_FAST 18    /* where it is more than 10 dB too much */
#define LEAK_UP_SLOW 3       /* where so much is heard that somebody speaks here */
#define LEAK_FAR_OFF 850
#define LEAK_SPEECH 1020
#define OVERDRIVE 338        /* the echo is taken for 4 dB louder while nobody speaks here */
#define NOISE_BLOCKS 150     /* the least power of one to two of these is noise */
#define NOISE_OVER_LEAST 217
#define NOISE_UP 11
#define NOISE_DOWN (-510)    /* amplitude, 12 dB */
#define SPEECH_FROM 4        /* bins that tell whether somebody speaks: 200 to 3000 Hz */
#define SPEECH_TO 60
#define SILENCE (-850)       /* amplitude: what is turned down more while nobody speaks here, 20 dB */

static inline int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static inline int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* The windowed spectrum of two blocks, Q4, to parts->work. */
static void look_at(const struct echo *echo, struct echo_parts *parts, const int16_t *samples)
{
    uint32_t block = echo->block;
    for (uint32_t at = 0; at < block; at++) {
        parts->work[at] = samples[at] * fft_slope(at, block) >> 11;
        parts->work[block + at] = samples[block + at] * fft_slope(block - at, block) >> 11;
    }
    fft_forward(parts->work, parts->spare, block);
}

/* Steady noise: a little more than the least power of the last seconds. */
static inline int32_t follow_noise(const struct echo *echo, int16_t *row, int32_t power)
{
    uint32_t bins = echo->block + 1;
    int16_t *noise = row + ROW_NOISE * bins, *smooth = row + ROW_SMOOTH * bins;
    int16_t *least = row + ROW_LEAST * bins, *now = row + ROW_LEAST_NOW * bins;
    *smooth = (int16_t)log_add(*smooth + OF_80, power + OF_20);
    *least = (int16_t)smaller(*least, *smooth);
    *now = (int16_t)smaller(*now, *smooth);
    if (echo->blocks == NOISE_BLOCKS) {
        *least = *now;
        *now = *smooth;
    }
    int32_t wanted = *least + NOISE_OVER_LEAST;
    if (!echo->settled) {
        *noise = (int16_t)(power - 256);
    } else if (wanted < *noise) {
        *noise = (int16_t)log_add(*noise + OF_90, wanted + OF_10);
    } else {
        *noise = (int16_t)smaller(*noise + NOISE_UP, wanted);
    }
    *noise = (int16_t)larger(*noise, 2048);
    return *noise;
}

/* What of the estimated echo is left, learnt where it is loud against the noise: the middle of what is seen. */
static inline int32_t follow_leak(int16_t *leak, int32_t power, int32_t heard, int32_t noise)
{
    int32_t seen = power - heard;
    if (heard + *leak > noise + 512 || heard > noise + 1256) {
        int32_t step = seen > *leak + LEAK_SPEECH    ? LEAK_UP_SLOW
                       : seen > *leak                ? LEAK_UP
                       : seen < *leak - LEAK_FAR_OFF ? -LEAK_DOWN_FAST
                                                     : -LEAK_DOWN;
        *leak = (int16_t)larger(smaller(*leak + step, LEAK_MOST), LEAK_LEAST);
    }
    return *leak;
}

/* The gain of a bin as Ephraim and Malah have it, decision directed; a logarithm of an amplitude. */
static inline int32_t wiener(int16_t *prior, int32_t power, int32_t disturbs)
{
    int32_t over = power - disturbs;
    int32_t now = over > 0 ? log_less_one(over) + OF_10 : LOG_NOTHING;
    int32_t ratio = log_add(*prior + OF_90, now);
    int32_t gain = ratio - log_add(ratio, 0);
    *prior = (int16_t)larger(2 * gain + over, LOG_NOTHING);
    return gain;
}

/* How surely somebody speaks here: at once when it rises, over 100 ms when it falls. */
static void follow_speech(struct echo *echo, uint32_t evidence)
{
    int32_t seen = (int32_t)(evidence / (SPEECH_TO - SPEECH_FROM));
    seen = smaller(seen, 256) * 128;
    seen = smaller(seen, 32767);
    int32_t apart = seen - echo->speech;
    echo->speech += apart * (apart > 0 ? 154 : 31) >> 8;
}

/* All bins before any is changed; returns how many of those of speech have more echo than noise. */
static int32_t weigh_bins(struct echo *echo, const struct echo_parts *parts)
{
    uint32_t bins = echo->block + 1, evidence = 0;
    int32_t echoes = 0, overdrive = OVERDRIVE * (32768 - echo->speech) >> 15;
    const int16_t *heard = echo_row(echo, parts, ROW_ECHO), *decays = echo_row(echo, parts, ROW_DECAYS);
    for (uint32_t bin = 0; bin < bins; bin++) {
        int16_t *row = parts->rows + bin;
        int32_t power = larger(log_power(parts->work[2 * bin], parts->work[2 * bin + 1]), 2048);
        int32_t beside = larger(bin ? heard[bin - 1] : LOG_NOTHING, bin < bins - 1 ? heard[bin + 1] : LOG_NOTHING);
        int32_t loud = larger(heard[bin], beside + NEIGHBOUR);
        int32_t noise = follow_noise(echo, row, power);
        int32_t leak = follow_leak(row + (decays[bin] ? ROW_LATE : ROW_LEAK) * bins, power, loud, noise);
        int32_t left = loud + leak, disturbs = log_add(left + overdrive, noise);
        if (bin >= SPEECH_FROM && bin < SPEECH_TO) {
            int32_t over = power - 512 - log_add(left, noise);
            evidence += (uint32_t)larger(smaller(over, 1024), 0);
            echoes += left > noise;
        }
        row[ROW_POWER * bins] = (int16_t)power;
        row[ROW_DISTURBS * bins] = (int16_t)disturbs;
        row[ROW_GAIN * bins] = (int16_t)wiener(row + ROW_PRIOR * bins, power, disturbs);
    }
    follow_speech(echo, evidence);
    return echoes;
}

/* Turn a bin down, and put noise to it where less than the wanted noise is left. */
static inline void shape_bin(struct echo *echo, int32_t *bin, const int16_t *row, int32_t silence, int32_t least)
{
    uint32_t bins = echo->block + 1;
    int32_t power = row[ROW_POWER * bins], noise = row[ROW_NOISE * bins];
    int32_t gain = larger(row[ROW_GAIN * bins] + silence, least + ((noise - row[ROW_DISTURBS * bins]) >> 1));
    gain = smaller(gain, 0);
    int32_t amplitude = smaller((int32_t)log_value(gain + 15 * 256), 32767);
    bin[0] = half_product(bin[0], amplitude) * 2;
    bin[1] = half_product(bin[1], amplitude) * 2;
    int32_t passed = 2 * gain + power, missing = 2 * least + noise - passed;
    if (missing > 0) {
        int32_t comfort = (int32_t)log_value((passed + log_less_one(missing) - 256) >> 1);
        echo->dice = echo->dice * 1664525u + 1013904223u;
        bin[0] += echo->dice & 0x40000000 ? -comfort : comfort;
        bin[1] += echo->dice & 0x20000000 ? -comfort : comfort;
    }
}

CORE void echo_suppress(struct echo *echo, struct echo_parts *parts, int16_t *out)
{
    uint32_t block = echo->block;
    int32_t *work = parts->work;
    look_at(echo, parts, parts->error);
    if (echo->blocks++ == NOISE_BLOCKS) {
        echo->blocks = 1;
    }
    echo->settled |= echo->blocks > 4;
    int32_t echoes = weigh_bins(echo, parts);
    int32_t share = smaller(3 * 256 * echoes / (SPEECH_TO - SPEECH_FROM), 256);
    int32_t silence = (SILENCE * share >> 8) * (32768 - echo->speech) >> 15;
    int32_t least = echo->options & ECHO_NOISE ? NOISE_DOWN : 0;
    for (uint32_t bin = 0; bin <= block; bin++) {
        shape_bin(echo, work + 2 * bin, parts->rows + bin, silence, least);
    }
    fft_inverse(work, parts->spare, block);
    for (uint32_t at = 0; at < block; at++) {
        int32_t first = half_product(work[at], fft_slope(at, block)) >> 3;
        int32_t second = half_product(work[block + at], fft_slope(block - at, block)) >> 3;
        out[at] = saturate(first + parts->overlap[at]);
        parts->overlap[at] = saturate(second);
    }
}
