#include "echo.h"
#include "logs.h"

#define WANTED 5468       /* log power of speech a sample: -26 dBov */
#define QUIET 2900        /* of a block that is no speech: less than -56 dBov */
#define GAIN_MOST 512     /* amplitude, 12 dB */
#define GAIN_UP 1         /* in a block: 2.4 dB in a second */
#define GAIN_DOWN 4
#define PEAK 30000

static int32_t log_mean_power(const int16_t *samples, uint32_t count, int32_t *peak)
{
    uint32_t sum = 0;
    for (uint32_t at = 0; at < count; at++) {
        int32_t sample = samples[at], magnitude = sample < 0 ? -sample : sample;
        sum += (uint32_t)(sample * sample) >> 6;
        *peak = magnitude > *peak ? magnitude : *peak;
    }
    return log_of(sum) + 6 * 256 - log_of(count);
}

CORE void echo_level(struct echo *echo, int16_t *samples)
{
    int32_t peak = 1, power = log_mean_power(samples, echo->block, &peak);
    if (echo->speech > 16384 && power > QUIET) {
        int32_t apart = power - echo->level;
        echo->level = echo->level ? echo->level + (apart >> (apart > 0 ? 3 : 6)) : power;
        int32_t wanted = ((WANTED - echo->level) >> 1) - echo->gain;
        echo->gain += wanted > GAIN_UP ? GAIN_UP : wanted < -GAIN_DOWN ? -GAIN_DOWN : wanted;
        echo->gain = echo->gain > GAIN_MOST ? GAIN_MOST : echo->gain < -GAIN_MOST ? -GAIN_MOST : echo->gain;
    }
    int32_t limit = log_of(PEAK) - log_of((uint32_t)peak), gain = echo->gain < limit ? echo->gain : limit;
    int32_t to = (int32_t)log_value(gain + 12 * 256), from = echo->multiplier;
    from = (peak >> 4) * from >> 8 > PEAK ? to : from;
    int32_t step = (to - from) * (int32_t)(65536 / echo->block) >> 16;
    for (uint32_t at = 0; at < echo->block; at++) {
        samples[at] = saturate(samples[at] * from >> 12);
        from += step;
    }
    echo->multiplier = to;
}
