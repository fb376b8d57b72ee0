/* What the echo canceller costs in C: a frame of 20 ms, at 8 and at 16 kHz, both sides talking. Prints for each its name,
 * the dearest, the mean. */

#include "../../firmware/native/core/echo.h"

#include "counting.h"

#define FRAMES 100
#define STATE 8000 /* words */

static uint32_t state[STATE];
static int16_t mic[320], far[320];

static void measure(const char *name, uint32_t rate)
{
    struct echo *echo = (struct echo *)(void *)state;
    uint32_t dice = 1, dearest = 0, sum = 0, samples = rate / 50;
    if (echo_size(rate, 0) > sizeof state) {
        print("the state is too small\n");
        return;
    }
    echo_start(echo, rate, ECHO_NOISE | ECHO_LEVEL, 0);
    for (uint32_t frame = 0; frame < FRAMES; frame++) {
        for (uint32_t at = 0; at < samples; at++) {
            dice = dice * 1664525u + 1013904223u;
            mic[at] = (int16_t)((int32_t)(dice << 4) >> (18 + frame % 8) | far[at] / 2);
            far[at] = (int16_t)((int32_t)dice >> (17 + frame % 7));
        }
        uint32_t begin = instructions();
        echo_cancel(echo, mic, far, 2);
        uint32_t cost = instructions() - begin;
        dearest = cost > dearest ? cost : dearest;
        sum += cost;
    }
    print(name);
    put(' ');
    print_number(dearest);
    put(' ');
    print_number(sum / FRAMES);
    put('\n');
}

int main(void)
{
    measure("echo-8000", 8000);
    measure("echo-16000", 16000);
    finish();
    for (;;) {
    }
}
