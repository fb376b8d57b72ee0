/* ITU-T G.722, 64 kbit/s: 16 kHz sound in an octet for each two samples.
 *
 * Two bands of 8 kHz each, split and joined by a quadrature mirror filter; the lower is coded in 6 bits by adaptive
 * differential PCM, the upper in 2. RTP counts its time at 8000 Hz, an octet a unit (RFC 3551 §4.5.2).
 */

#ifndef BAKELITE_G722_H
#define BAKELITE_G722_H

#include "core.h"

#define G722_TAPS 24
#define G722_ZEROS 6

/* One band's predictor and quantizer (clause 3.6). */
struct g722_band {
    int32_t estimate;           /* of the next sample: s in the recommendation */
    int32_t zeros_estimate;     /* sz: the part of the sixth-order section */
    int32_t scale;              /* of the quantizer: det */
    int32_t log_scale;          /* nb */
    int32_t pole[2];            /* a1, a2 */
    int32_t zero[G722_ZEROS];   /* b1 … b6 */
    int32_t difference[G722_ZEROS]; /* the latest quantized differences, newest first */
    int32_t restored;           /* the latest reconstructed sample: r1 */
    int32_t signs[2];           /* of p1 and p2: 0 or -1 */
};

/* An encoder, or a decoder. */
struct g722 {
    struct g722_band low;
    struct g722_band high;
    int16_t history[G722_TAPS - 2]; /* of the filter's input, oldest first */
};

CORE uint32_t g722_size(void);

CORE void g722_start(struct g722 *g722);

/* `count` octets from twice as many samples. */
CORE void g722_encode(struct g722 *g722, uint8_t *octets, const int16_t *samples, uint32_t count);

/* Twice as many samples from `count` octets. */
CORE void g722_decode(struct g722 *g722, int16_t *samples, const uint8_t *octets, uint32_t count);

#endif
