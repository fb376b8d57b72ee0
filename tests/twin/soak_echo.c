/* The echo canceller under sound of every kind, to be built with the sanitizers: echo paths that change by a second,
 * full scale, silence, DC, sound that has nothing to do with the loudspeaker's. */

#include <stdio.h>
#include <stdlib.h>

#define CORE static
#include "echo_core.c"

#define PATH 900

static uint32_t dice = 1;
static int32_t path[PATH];
static int16_t past[PATH];

static uint32_t below(uint32_t limit)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 8) % limit;
}

static int16_t sample(uint32_t kind, uint32_t at)
{
    switch (kind) {
    case 0:
        return 0;
    case 1:
        return at / 20 % 2 ? 32767 : -32768;
    case 2:
        return -32768;
    case 3:
        return at & 1 ? 32767 : -32768;
    case 4:
        return (int16_t)(below(7) - 3);
    case 5:
        return at % 400 ? 0 : 32767;
    default:
        return (int16_t)((int32_t)below(65536) - 32768);
    }
}

static int16_t heard(int16_t far)
{
    int64_t sum = 0;
    for (uint32_t at = PATH - 1; at; at--) {
        past[at] = past[at - 1];
        sum += (int64_t)path[at] * past[at];
    }
    past[0] = far;
    return saturate((int32_t)(sum >> 15));
}

static void other_path(void)
{
    uint32_t taps = below(20);
    for (uint32_t at = 0; at < PATH; at++) {
        path[at] = 0;
    }
    while (taps--) {
        path[1 + below(PATH - 1)] = (int32_t)below(80000) - 40000;
    }
}

int main(void)
{
    for (uint32_t call = 0; call < 12; call++) {
        uint32_t rate = call & 1 ? 16000 : 8000, block = rate / 100, delay = below(ECHO_DELAY_MAX + 1);
        struct echo *echo = malloc(echo_size(rate, delay));
        echo_start(echo, rate, below(4) | below(7) << ECHO_GAIN_SHIFT, delay);
        for (uint32_t second = 0; second < 10; second++) {
            uint32_t far_kind = below(9), near_kind = below(12), far_down = below(10), near_down = below(10);
            other_path();
            for (uint32_t frame = 0; frame < 50; frame++) {
                int16_t *mic = malloc(4 * block), *far = malloc(4 * block);
                for (uint32_t at = 0; at < 2 * block; at++) {
                    far[at] = sample(far_kind, at + frame) / (1 << far_down);
                    int32_t echoed = near_kind & 1 ? heard(far[at]) : 0;
                    mic[at] = saturate(echoed + sample(near_kind / 2, at) / (1 << near_down));
                }
                if (call % 3) {
                    echo_cancel(echo, mic, far, 2);
                } else {
                    int32_t *wide = malloc(8 * block);
                    for (uint32_t at = 0; at < 2 * block; at++) {
                        wide[at] = mic[at] * 65536;
                    }
                    echo_cancel_wide(echo, wide, far, 2);
                    free(wide);
                }
                free(mic);
                free(far);
            }
        }
        free(echo);
    }
    puts("sound");
    return 0;
}
