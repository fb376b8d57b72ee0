/* Fourier transforms of real sound in integers: 2n samples, where n is 80 or 160 (10 ms at 8 or 16 kHz). */

#ifndef BAKELITE_FFT_H
#define BAKELITE_FFT_H

#include "core.h"

#define FFT_MAX 160 /* the greatest n */
#define FFT_TURN 320 /* steps of one turn */
#define FFT_PART_MAX (1 << 29)
#define FFT_PLACES(n) (2 * (n) + 2) /* of int32_t, for the samples or the spectrum */

/* The slope of a window over 2n samples, Q15: rising from 0 at 0 to 1 at n. The squares of two that meet sum to 1. */
CORE int32_t fft_slope(uint32_t at, uint32_t n);

/* The spectrum of 2n samples in `data`: n + 1 pairs of a real and an imaginary part. The samples' magnitudes must
 * sum to less than 2^31. */
CORE void fft_forward(int32_t *data, int32_t *spare, uint32_t n);

/* The 2n samples of such a spectrum, whose parts are at most FFT_PART_MAX. */
CORE void fft_inverse(int32_t *data, int32_t *spare, uint32_t n);

/* a * c / 2^16, rounded down: half a product, where c is Q15. */
static inline int32_t half_product(int32_t a, int32_t c)
{
#ifdef __riscv_mul
    return (int32_t)((int64_t)a * (c * 65536) >> 32); /* one instruction, where the other has six */
#else
    return (a >> 16) * c + ((a & 0xFFFF) * c >> 16);
#endif
}

#endif
