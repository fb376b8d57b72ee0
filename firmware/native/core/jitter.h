/* The jitter buffer: octets by timestamp, played as late as delay.h says is needed.
 *
 * It is a ring of 1 ms cells, so packets of any length, in any order, find their place by their timestamp
 * alone. The first packet anchors the time line: it will be played `delay.target` later, and what follows in its
 * place. Where nothing is left to play the line waits: what comes late then is played late, and all that follows.
 * How far the line is from where it should be is `jitter_surplus`; stretch.h moves it there by pitch periods.
 */

#ifndef BAKELITE_JITTER_H
#define BAKELITE_JITTER_H

#include "core.h"
#include "delay.h"

#define CELL 8 /* octets: 1 ms of G.711 */
#define CELLS 512
#define RING (CELLS * CELL)
#define FRAME_CELLS (FRAME_SAMPLES / CELL)

enum jitter_verdict { JITTER_STORED = 0, JITTER_LATE, JITTER_OVERFLOW, JITTER_REPEATED };

enum cell { CELL_EMPTY = 0, CELL_FILLED, CELL_COVERED };

struct jitter {
    struct delay delay;
    uint32_t clock;    /* timestamp that would be played if the line had never moved */
    uint32_t play;     /* timestamp of the next sample to take */
    uint32_t end;      /* timestamp after the newest sample stored */
    uint32_t head;     /* cell of `play` */
    uint32_t dry;      /* samples taken since the last that was there */
    uint32_t lost;     /* of these, those that nothing stood in for */
    uint32_t gaps;     /* short ones that were played, in all */
    uint32_t strays;   /* weighed packets outside the ring, in a row and near to each other */
    uint32_t stray;    /* timestamp of the last */
    uint32_t idle;     /* frames in a row with nothing to play */
    uint32_t resynced; /* times the time line was anchored again amid a stream */
    uint8_t octets[RING];
    uint8_t filled[CELLS]; /* enum cell */
    uint8_t covered;       /* where the last cell was empty: an event stood in for it */
    uint8_t anchored;
};

/* An empty buffer with nothing remembered; both in samples. */
CORE void jitter_start(struct jitter *jitter, uint32_t floor, uint32_t ceiling);

/* Forget what is stored; the next packet anchors the time line. */
CORE void jitter_reset(struct jitter *jitter);

CORE uint32_t jitter_put(struct jitter *jitter, uint32_t timestamp, const uint8_t *payload, uint32_t length);

/* For `samples` from `timestamp` on an event stands in for voice: what is missing there is not a loss. */
CORE void jitter_cover(struct jitter *jitter, uint32_t timestamp, uint32_t samples);

/* Samples by which what is stored lasts longer than it should; negative where it should last longer. */
CORE int32_t jitter_surplus(const struct jitter *jitter);

/* Cells that are filled from `first` cells on, no more than `most`. */
CORE uint32_t jitter_run(const struct jitter *jitter, uint32_t first, uint32_t most);

/* Cells from here to the next that is filled; `most` where there is none nearer. */
CORE uint32_t jitter_gap(const struct jitter *jitter, uint32_t most);

/* The next cell of the frame, or NULL where nothing came. The ring moves on by one. */
CORE const uint8_t *jitter_cell(struct jitter *jitter);

/* The frame is done; `empty` when no cell of it was filled. */
CORE void jitter_played(struct jitter *jitter, int empty);

#endif
