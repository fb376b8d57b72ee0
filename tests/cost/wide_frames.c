/* What G.722 costs in C: a frame of 20 ms at 16 kHz coded and one decoded. Prints its name, the dearest, the mean. */

#include "../../firmware/native/core/g722.h"

#include "counting.h"

#define FRAMES 100
#define OCTETS 160

static struct g722 encoder, decoder;
static int16_t samples[2 * OCTETS];
static uint8_t octets[OCTETS];

int main(void)
{
    uint32_t dice = 1, dearest = 0, sum = 0;
    g722_start(&encoder);
    g722_start(&decoder);
    for (uint32_t frame = 0; frame < FRAMES; frame++) {
        for (uint32_t at = 0; at < 2 * OCTETS; at++) {
            dice = dice * 1664525u + 1013904223u;
            samples[at] = (int16_t)((int32_t)dice >> (17 + frame % 8));
        }
        uint32_t begin = instructions();
        g722_encode(&encoder, octets, samples, OCTETS);
        g722_decode(&decoder, samples, octets, OCTETS);
        uint32_t cost = instructions() - begin;
        dearest = cost > dearest ? cost : dearest;
        sum += cost;
    }
    print("g722 ");
    print_number(dearest);
    put(' ');
    print_number(sum / FRAMES);
    put('\n');
    finish();
    for (;;) {
    }
}
