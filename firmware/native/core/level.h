/* Loudness: the volume's gain, and what a meter reads. */

#ifndef BAKELITE_LEVEL_H
#define BAKELITE_LEVEL_H

#include "core.h"

#define UNITY 32768

/* Multiply by a gain in Q15, 0 to UNITY. */
CORE void level_scale(int16_t *samples, uint32_t count, uint32_t gain);

/* Sum of the squares of every 4th sample, each shifted right by 8: enough for a meter, and fits 32 bits. */
CORE uint32_t level_energy(const int16_t *samples, uint32_t count);

/* The top 16 of 32 bits, `gain` steps of 6 dB up, saturating. */
CORE void level_narrow(int16_t *samples, const int32_t *wide, uint32_t count, uint32_t gain);

/* The same for samples that have 16 bits. */
CORE void level_raise(int16_t *samples, const int16_t *from, uint32_t count, uint32_t gain);

#endif
