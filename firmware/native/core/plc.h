/* The line of samples that are played, and packet loss concealment on it after the idea of G.711 appendix I.
 *
 * Decoded samples are put behind those that were played before, so the pitch is found in place. What is missing
 * goes on from there in periods of the pitch, first one, later two and three, and fades. Where it is known what
 * comes after the gap, that goes back from there in periods of its own, and one side turns into the other.
 */

#ifndef BAKELITE_PLC_H
#define BAKELITE_PLC_H

#include "core.h"
#include "pitch.h"

#define PLC_PERIODS 3
#define PLC_CYCLE (PLC_PERIODS * PITCH_MAX + PITCH_MAX / 4)
#define PLC_HISTORY 400 /* samples: a cycle and more, even */
#define PLC_GAP (2 * FRAME_SAMPLES) /* the longest that is bridged, */
#define PLC_BEYOND FRAME_SAMPLES    /* and what of its far side is looked at */
#define PLC_ROOM (FRAME_SAMPLES + PLC_GAP + PLC_BEYOND)

struct plc {
    int16_t samples[PLC_HISTORY + PLC_ROOM]; /* what was played, then what is to be */
    int16_t cycle[PLC_CYCLE];                /* the periods that are repeated, and what was before them */
    uint32_t pending; /* samples to be played */
    uint32_t lag;     /* length of a period */
    uint32_t phase;   /* next sample of the cycle */
    uint32_t periods; /* that are repeated from the next turn on */
    uint32_t missing; /* samples made up in a row; 0: none */
    uint32_t merge;   /* samples over which what arrives again is still blended, */
    uint32_t merging; /* of so many */
    int32_t rise;     /* Q14 per sample: of the blend at the end of a turn, */
    int32_t slope;    /* and of the one with what arrives */
    uint32_t dice;    /* of the noise */
    int32_t step;     /* what the first made-up sample would jump by */
};

/* Where the next decoded samples go. */
CORE int16_t *plc_place(struct plc *plc);

/* `count` decoded samples lie at `plc_place`: they are the next. */
CORE void plc_take(struct plc *plc, uint32_t count);

/* Nothing came for `count` samples: make them up, with the pitch of `lead`: this line, or one made up before. */
CORE void plc_conceal(struct plc *plc, uint32_t count, const struct plc *lead);

/* The latest `gap` samples were made up; `beyond` decoded ones lie at plc_place, with a period of `lag`, 0: unknown. */
CORE void plc_bridge(struct plc *plc, uint32_t gap, uint32_t beyond, uint32_t lag);

/* The peer pauses: `count` samples of noise as loud as `amplitude`, Q15 of the full scale. */
CORE void plc_noise(struct plc *plc, uint32_t count, int32_t amplitude);

/* No stream: `count` samples of silence. */
CORE void plc_rest(struct plc *plc, uint32_t count);

/* Play one frame. */
CORE void plc_output(struct plc *plc, int16_t *out);

#endif
