/* ITU-T G.722, 64 kbit/s: 16 kHz sound in an octet for each two samples.
 *
 * Two bands of 8 kHz each, split and joined by a quadrature mirror filter; the lower is coded in 6 bits by adaptive
 * differential PCM, the upper in 2. RTP counts its time at 8000 Hz, an octet a unit (RFC 3551 §4.5.2).
 */

#ifndef BAKELITE_G722_H
#define BAKELITE_G722_H

#include "core.h"

#define G722_TAPS 24
#define G722_KEEP (G722_TAPS - 2) /* samples that the mirror filter keeps */
#define G722_JOINED 40            /* most of a band that are joined at once */
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
};

CORE void g722_start(struct g722 *g722);

/* `count` samples of each band, from twice as many that lie behind the G722_KEEP before them at `line`. */
CORE void g722_split(const int16_t *line, int16_t *low, int16_t *high, uint32_t count);

/* The way back: twice as many samples as `count`, an even number and no more than G722_JOINED. */
CORE void g722_join(int16_t *history, const int16_t *low, const int16_t *high, int16_t *samples, uint32_t count);

/* An octet for each sample of both bands. */
CORE void g722_code(struct g722 *g722, uint8_t *octets, const int16_t *low, const int16_t *high, uint32_t count);

/* A sample of each band for each octet. */
CORE void g722_restore(struct g722 *g722, int16_t *low, int16_t *high, const uint8_t *octets, uint32_t count);

#endif
