/* Packet loss concealment after the idea of G.711 appendix I: the last pitch period goes on and fades.
 *
 * Samples are decoded straight behind the history of what was played, so the pitch is found in place. The cost
 * is bounded: one pitch search per frame at most, whatever is missing.
 */

#ifndef BAKELITE_PLC_H
#define BAKELITE_PLC_H

#include "core.h"

#define PLC_LAG_MIN 40  /* 200 Hz; a higher voice repeats several periods */
#define PLC_LAG_MAX 120 /* 66 Hz */
#define PLC_WINDOW 80   /* samples compared */
#define PLC_HISTORY (PLC_WINDOW + PLC_LAG_MAX)

struct plc {
    int16_t samples[PLC_HISTORY + FRAME_SAMPLES]; /* before fading: what was, then the frame at work */
    int16_t cycle[PLC_LAG_MAX];                   /* the period that is repeated */
    uint32_t place;   /* samples of the frame at work that are done */
    uint32_t lag;     /* length of the cycle */
    uint32_t phase;   /* next sample of the cycle */
    uint32_t missing; /* samples made up in a row; 0: none */
    uint32_t merge;   /* samples over which what arrives again is still blended */
    int32_t step;     /* what the first made-up sample would jump by */
    uint8_t searched; /* in this frame */
};

/* Begin a frame. */
CORE void plc_begin(struct plc *plc);

/* Where the next decoded samples of the frame go. */
CORE int16_t *plc_place(struct plc *plc);

/* `count` decoded samples lie at `plc_place`: play them into `out`. */
CORE void plc_play(struct plc *plc, int16_t *out, uint32_t count);

/* Nothing came for `count` samples: make them up. */
CORE void plc_conceal(struct plc *plc, int16_t *out, uint32_t count);

/* No stream: `count` samples of silence. */
CORE void plc_rest(struct plc *plc, int16_t *out, uint32_t count);

/* The time line jumps here: blend what comes with what would have come. */
CORE void plc_splice(struct plc *plc);

#endif
