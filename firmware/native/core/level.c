#include "level.h"

#define METER_STRIDE 4

CORE void level_scale(int16_t *samples, uint32_t count, uint32_t gain)
{
    if (gain == UNITY) {
        return;
    }
    for (uint32_t index = 0; index < count; index++) {
        samples[index] = (int16_t)((samples[index] * (int32_t)gain) >> 15);
    }
}

CORE uint32_t level_energy(const int16_t *samples, uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t index = 0; index < count; index += METER_STRIDE) {
        int32_t sample = samples[index];
        sum += (uint32_t)(sample * sample) >> 8;
    }
    return sum;
}

CORE void level_narrow(int16_t *samples, const int32_t *wide, uint32_t count, uint32_t gain)
{
    uint32_t shift = 16 - gain;
    if (gain == 0) {
        for (uint32_t index = 0; index < count; index++) {
            samples[index] = (int16_t)(wide[index] >> 16);
        }
        return;
    }
    for (uint32_t index = 0; index < count; index++) {
        samples[index] = saturate(wide[index] >> shift);
    }
}

CORE void level_raise(int16_t *samples, const int16_t *from, uint32_t count, uint32_t gain)
{
    int32_t factor = 1 << gain;
    if (gain == 0) {
        copy_samples(samples, from, count);
        return;
    }
    for (uint32_t index = 0; index < count; index++) {
        samples[index] = saturate(from[index] * factor);
    }
}
