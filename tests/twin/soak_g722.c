/* G.722 under payloads of any length and content, to be built with the sanitizers: buffers are as long as said. */

#include <stdio.h>
#include <stdlib.h>

#define CORE static
#include "wide_core.c"

static uint32_t dice = 1;

static uint32_t below(uint32_t limit)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 8) % limit;
}

int main(void)
{
    struct g722 *encoder = malloc(sizeof *encoder), *decoder = malloc(sizeof *decoder);
    g722_start(encoder);
    g722_start(decoder);
    for (uint32_t round = 0; round < 4000; round++) {
        uint32_t count = below(8) ? below(170) : below(1500), kind = below(4), value = below(256);
        uint8_t *octets = malloc(count ? count : 1);
        int16_t *samples = malloc(count ? count * 4 : 4);
        for (uint32_t at = 0; at < count; at++) {
            octets[at] = (uint8_t)(kind ? below(256) : value);
            samples[2 * at] = (int16_t)(kind == 1 ? -32768 : kind == 2 ? 32767 : (int32_t)below(65536) - 32768);
            samples[2 * at + 1] = (int16_t)(kind == 1 ? 32767 : samples[2 * at]);
        }
        g722_decode(decoder, samples, octets, below(2) ? count : 0);
        g722_encode(encoder, octets, samples, count);
        free(octets);
        free(samples);
    }
    free(encoder);
    free(decoder);
    puts("sound");
    return 0;
}
