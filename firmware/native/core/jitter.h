/* The jitter buffer: octets by timestamp, played a fixed depth after they came.
 *
 * It is a ring of 1 ms cells, so packets of any length, in any order, find their place by their timestamp
 * alone. The first packet anchors the time line: it will be played `depth` later, and what follows in its
 * place. Where the peer's clock runs faster or slower than ours, whole frames are left out or put in.
 */

#ifndef BAKELITE_JITTER_H
#define BAKELITE_JITTER_H

#include "core.h"

#define CELL 8 /* octets: 1 ms of G.711 */
#define CELLS 512
#define RING (CELLS * CELL)
#define FRAME_CELLS (FRAME_SAMPLES / CELL)

enum jitter_verdict { JITTER_STORED = 0, JITTER_LATE, JITTER_OVERFLOW, JITTER_REPEATED };

enum cell { CELL_EMPTY = 0, CELL_FILLED, CELL_COVERED };

struct jitter {
    uint32_t depth;    /* samples */
    uint32_t play;     /* timestamp of the next sample to play */
    uint32_t end;      /* timestamp after the newest sample stored */
    uint32_t head;     /* cell of `play` */
    int32_t lead_sum;  /* of how far ahead of `play` packets came, samples, over `leads` packets */
    uint32_t leads;
    uint32_t strays;   /* weighed packets outside the ring, in a row and near to each other */
    uint32_t stray;    /* timestamp of the last */
    uint32_t idle;     /* frames in a row with nothing to play */
    uint32_t slipped;  /* frames left out or put in */
    uint32_t resynced; /* times the time line was anchored anew amid a stream */
    int32_t slip;      /* 1: leave a frame out, -1: put one in */
    uint8_t octets[RING];
    uint8_t filled[CELLS]; /* enum cell */
    uint8_t covered;       /* where the last cell was empty: an event stood in for it */
    uint8_t anchored;
};

/* Forget what is stored; the next packet anchors the time line. */
CORE void jitter_reset(struct jitter *jitter);

CORE uint32_t jitter_put(struct jitter *jitter, uint32_t timestamp, const uint8_t *payload, uint32_t length);

/* For `samples` from `timestamp` on an event stands in for voice: what is missing there is not a loss. */
CORE void jitter_cover(struct jitter *jitter, uint32_t timestamp, uint32_t samples);

/* Where the next frame comes from. */
enum jitter_step {
    JITTER_REST = 0, /* no stream */
    JITTER_FRAME,    /* the ring */
    JITTER_SHORTER,  /* the ring, after a frame that was left out */
    JITTER_LONGER    /* nowhere: a frame is put in, the ring stays where it is */
};

CORE uint32_t jitter_step(struct jitter *jitter);

/* The next cell of the frame, or NULL where nothing came. The ring moves on by one. */
CORE const uint8_t *jitter_cell(struct jitter *jitter);

/* The frame is done; `empty` when no cell of it was filled. */
CORE void jitter_played(struct jitter *jitter, int empty);

#endif
