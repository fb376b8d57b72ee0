/* The pitch period of a voice, as the lag at which it is most like itself. */

#ifndef BAKELITE_PITCH_H
#define BAKELITE_PITCH_H

#include "core.h"

#define PITCH_MIN 40  /* 200 Hz; of a higher voice several periods are one */
#define PITCH_MAX 120 /* 66 Hz */
/* Weights of a blend are Q14. */
#define WEIGHT 16384
#define WEIGHT_SHIFT 14

#define PITCH_WINDOW 80 /* samples compared, */
#define PITCH_SHORT_WINDOW 40 /* where there are no more */

/* The lag, from `least` to `most` samples, at which the window that begins at `from` is most like what was before. */
CORE uint32_t pitch_find(const int16_t *from, uint32_t least, uint32_t most);

/* The lag at which the short window that begins at `from` is most like what follows it, PITCH_MAX at most. */
CORE uint32_t pitch_find_ahead(const int16_t *from);

/* How unlike those are at `lag`: 0 for the same, 16 for noise, more for an onset. */
CORE uint32_t pitch_unlikeness(const int16_t *from, uint32_t lag);

/* Mean size of the samples from there to `count` on. */
CORE uint32_t pitch_level(const int16_t *from, uint32_t count);

#endif
