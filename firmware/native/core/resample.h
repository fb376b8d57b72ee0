/* The wire's rate <-> 8 kHz, for wires of 8, 16 and 48 kHz.
 *
 * 48 kHz goes by 16 kHz: a short filter to get there, a sharp half-band one from there; two small filters cost
 * a third of a single sharp one. Each keeps its last samples, so frames join without a seam.
 */

#ifndef BAKELITE_RESAMPLE_H
#define BAKELITE_RESAMPLE_H

#include "core.h"

/* One step is 5 ms: four of them make a frame, and buffers stay small. */
#define STEPS 4
#define STEP_8K 40
#define STEP_16K 80
#define STEP_48K 240

/* Samples that a filter keeps from the step before. */
#define HALF_DOWN_KEEP 42 /* one more than it needs: samples are copied in pairs */
#define HALF_UP_KEEP 22
#define THIRD_DOWN_KEEP 10
#define THIRD_UP_KEEP 4

struct resample_down {
    int16_t wire[THIRD_DOWN_KEEP + STEP_48K];
    int16_t middle[HALF_DOWN_KEEP + STEP_16K];
};

struct resample_up {
    int16_t voice[HALF_UP_KEEP + STEP_8K]; /* of two bands the first HALF_UP_KEEP are the mirror filter's */
    int16_t middle[THIRD_UP_KEEP + STEP_16K];
};

/* Where the next step's samples go: STEP_48K at 48 kHz, STEP_16K at 16 kHz. */
CORE int16_t *resample_down_place(struct resample_down *down, uint32_t rate);

/* Those samples to STEP_8K at 8 kHz. */
CORE void resample_down_step(struct resample_down *down, uint32_t rate, int16_t *out);

/* STEP_8K samples to one step at `rate`, 16000 or 48000. */
CORE void resample_up_step(struct resample_up *up, uint32_t rate, const int16_t *in, int16_t *out);

#if WIDE
/* The same to and from two bands of STEP_8K samples each (g722.h). */
CORE void resample_split_step(struct resample_down *down, uint32_t rate, int16_t *low, int16_t *high);
CORE void resample_join_step(struct resample_up *up, uint32_t rate, const int16_t *low, const int16_t *high,
                             int16_t *out);
#endif

#endif
