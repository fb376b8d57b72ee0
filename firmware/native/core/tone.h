/* Tones: up to three sines at once, in a cadence of segments.
 *
 * An oscillator's phase counts in 1/8000 of a turn, so a frequency in whole Hz is exact for ever.
 */

#ifndef BAKELITE_TONE_H
#define BAKELITE_TONE_H

#include "core.h"

#define TONE_SEGMENTS 8
#define TONE_SINES 3
#define TONE_SEGMENT_OCTETS 8 /* in a script: ms and three frequencies in Hz, 16 bits each, big-endian */

struct tone_segment {
    uint16_t ms; /* 0: for ever */
    uint16_t frequencies[TONE_SINES]; /* Hz; 0: none */
};

struct tone {
    struct tone_segment segments[TONE_SEGMENTS];
    uint32_t count;    /* segments; 0: no tone */
    uint32_t current;
    uint32_t position; /* samples into the current segment */
    uint16_t phases[TONE_SINES];
    uint8_t repeat;
};

/* Take a script: one octet that says whether to repeat, then segments. Empty stops; 0 when it is none. */
CORE int tone_load(struct tone *tone, const uint8_t *script, uint32_t length);

/* One pair of sines for `ms`, then silence for `pause_ms`, once. */
CORE void tone_pair(struct tone *tone, uint32_t low, uint32_t high, uint32_t ms, uint32_t pause_ms);

/* Add the next `count` samples to `samples`, saturating. */
CORE void tone_add(struct tone *tone, int16_t *samples, uint32_t count);

#endif
