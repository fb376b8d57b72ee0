#include "tone.h"

#include "tables.h"

#define TURN 8000
#define RAMP 32 /* samples at either end of a sound: 4 ms, so that it does not click; a power of two */
#define RAMP_SHIFT 5

/* Amplitude of each of 1, 2, 3 sines: together about -13 dBm0, within E.180's -10 +- 5 dBm0 at the exchange. */
static const int16_t AMPLITUDES[TONE_SINES + 1] = {0, 6000, 4240, 3460};

CORE int tone_load(struct tone *tone, const uint8_t *script, uint32_t length)
{
    tone->count = 0;
    if (length == 0) {
        return 1;
    }
    uint32_t count = (length - 1) / TONE_SEGMENT_OCTETS;
    if (count == 0 || count > TONE_SEGMENTS || length != 1 + count * TONE_SEGMENT_OCTETS) {
        return 0;
    }
    const uint8_t *at = script + 1;
    for (uint32_t index = 0; index < count; index++) {
        struct tone_segment *segment = &tone->segments[index];
        segment->ms = (uint16_t)read16(at);
        for (uint32_t sine = 0; sine < TONE_SINES; sine++) {
            segment->frequencies[sine] = (uint16_t)read16(at + 2 + 2 * sine);
            if (segment->frequencies[sine] >= TURN / 2) {
                return 0;
            }
        }
        at += TONE_SEGMENT_OCTETS;
    }
    tone->repeat = script[0] != 0;
    tone->count = count;
    tone->current = 0;
    tone->position = 0;
    return 1;
}

CORE void tone_pair(struct tone *tone, uint32_t low, uint32_t high, uint32_t ms, uint32_t pause_ms)
{
    clear_octets(tone, sizeof *tone);
    tone->segments[0].ms = (uint16_t)ms;
    tone->segments[0].frequencies[0] = (uint16_t)low;
    tone->segments[0].frequencies[1] = (uint16_t)high;
    tone->segments[1].ms = (uint16_t)pause_ms;
    tone->count = 2;
}

/* sin of phase/8000 of a turn, Q15. */
static int32_t sine(uint32_t phase)
{
    uint32_t half = phase < TURN / 2 ? phase : phase - TURN / 2;
    uint32_t quarter = half <= TURN / 4 ? half : TURN / 2 - half;
    uint32_t place = (quarter * 16777) >> 10; /* 2000 -> 128 steps of 256 parts, less one part */
    const int16_t *step = SINE + (place >> 8);
    int32_t value = step[0] + (((step[1] - step[0]) * (int32_t)(place & 255)) >> 8);
    return half == phase ? value : -value;
}

static uint32_t sines_of(const struct tone_segment *segment)
{
    uint32_t count = 0;
    while (count < TONE_SINES && segment->frequencies[count]) {
        count++;
    }
    return count;
}

/* Add `count` samples of one segment; `left` of it are to come, 0 when it never ends. */
static void add_sines(struct tone *tone, const struct tone_segment *segment, int16_t *samples, uint32_t count,
                      uint32_t left)
{
    uint32_t sines = sines_of(segment);
    if (sines == 0) {
        return;
    }
    int32_t amplitude = AMPLITUDES[sines];
    for (uint32_t index = 0; index < count; index++) {
        int32_t sum = 0;
        for (uint32_t number = 0; number < sines; number++) {
            uint32_t phase = tone->phases[number];
            sum += (sine(phase) * amplitude) >> 15;
            phase += segment->frequencies[number];
            tone->phases[number] = (uint16_t)(phase < TURN ? phase : phase - TURN);
        }
        uint32_t edge = tone->position + index;
        if (left && left - index < edge) {
            edge = left - index;
        }
        if (edge < RAMP) {
            sum = (sum * (int32_t)edge) >> RAMP_SHIFT;
        }
        samples[index] = saturate(samples[index] + sum);
    }
}

CORE void tone_add(struct tone *tone, int16_t *samples, uint32_t count)
{
    while (count && tone->count) {
        const struct tone_segment *segment = &tone->segments[tone->current];
        uint32_t length = (uint32_t)segment->ms * 8;
        uint32_t left = length - tone->position;
        uint32_t run = length && left < count ? left : count;
        if (tone->position == 0) {
            clear_octets(tone->phases, sizeof tone->phases);
        }
        add_sines(tone, segment, samples, run, length ? left : 0);
        samples += run;
        count -= run;
        if (length == 0) { /* for ever: the position only has to stay beyond the ramp */
            tone->position = RAMP;
            continue;
        }
        tone->position += run;
        if (tone->position == length) {
            tone->position = 0;
            tone->current++;
            if (tone->current == tone->count) {
                tone->current = 0;
                tone->count = tone->repeat ? tone->count : 0;
            }
        }
    }
}
