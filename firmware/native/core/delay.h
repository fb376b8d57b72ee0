/* How deep the jitter buffer has to be: a histogram of how late packets come, and what it says of the next.
 *
 * `a` of a packet is its timestamp less the clock of what is played: the same for all that take equally long. How
 * late a packet is, is counted from the earliest of the last 16 s. What is remembered fades over half a minute,
 * counted in voice that came, so packets of any length weigh by their time and a pause ages nothing.
 */

#ifndef BAKELITE_DELAY_H
#define BAKELITE_DELAY_H

#include "core.h"

#define DELAY_BIN 40  /* samples: 5 ms */
#define DELAY_BINS 64
#define DELAY_SPANS 8 /* of 2 s */
#define DELAY_BLOCKS 3 /* of half a second */

struct delay {
    uint32_t floor;    /* samples, of the target */
    uint32_t ceiling;
    uint32_t target;   /* samples: how deep the buffer should be */
    int32_t base;      /* `a` of the earliest packets */
    int32_t early[DELAY_SPANS]; /* the earliest of each span, */
    int32_t late[DELAY_SPANS];  /* and how late the latest was */
    int32_t high[DELAY_BLOCKS]; /* earliest and latest of the last blocks, the newest first */
    int32_t low[DELAY_BLOCKS];
    uint32_t spans;    /* known, the present one included */
    uint32_t blocks;
    uint32_t voice_ms; /* in the present block */
    uint32_t passed;   /* blocks, of the present span */
    uint32_t total;    /* of all bins */
    uint32_t losses;   /* weight of what was lost lately */
    uint32_t lossy;
    uint32_t packet;   /* samples of the last packet */
    uint16_t bins[DELAY_BINS]; /* ms of voice that came that late */
};

/* Start with empty memory: the target is `floor`. */
CORE void delay_start(struct delay *delay, uint32_t floor, uint32_t ceiling);

/* The time line starts again: how late packets were stays known, when they came does not. */
CORE void delay_anchor(struct delay *delay);

/* A packet of `samples` came. */
CORE void delay_note(struct delay *delay, int32_t a, uint32_t samples);

/* A packet was missing when it had to be played. */
CORE void delay_lost(struct delay *delay);

#endif
