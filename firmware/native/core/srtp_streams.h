/* Which packets have been: rollover counters and replay lists (RFC 3711 §3.3) of the sources under one master key. */

#ifndef BAKELITE_SRTP_STREAMS_H
#define BAKELITE_SRTP_STREAMS_H

#include "core.h"

#define SRTP_STREAMS 4
#define SRTP_WINDOW_WORDS 4 /* RFC 3711 §3.3.2 demands 64 packets; here are 128 */

/* An index, in the two parts that all sums take it in: 48 bits of RTP, 31 of RTCP. */
struct srtp_index {
    uint32_t high; /* RTP: the rollover counter */
    uint32_t low;  /* 16 bits; RTP: the sequence number */
};

/* The packets of one kind, RTP or RTCP, of one source. */
struct srtp_window {
    uint32_t high; /* the highest index */
    uint32_t low;
    uint32_t seen[SRTP_WINDOW_WORDS]; /* bit n of all: the highest - n was */
    uint32_t started;
};

/* Bits of `inherited`: that window is of the key before, and not proven with this one. */
#define INHERITED_RTP 1u
#define INHERITED_RTCP 2u

struct srtp_stream {
    uint32_t ssrc;
    uint32_t known;
    uint32_t used; /* when */
    uint32_t inherited;
    struct srtp_window rtp;
    struct srtp_window rtcp;
};

struct srtp_streams {
    uint32_t clock;
    struct srtp_stream all[SRTP_STREAMS];
};

/* That source's; NULL where it is not known. */
CORE struct srtp_stream *streams_find(struct srtp_streams *streams, uint32_t ssrc);

/* That source's, or a new one in place of the one that was silent for longest. */
CORE struct srtp_stream *streams_claim(struct srtp_streams *streams, uint32_t ssrc);

/* Go on where the streams of the key before are. */
CORE void streams_follow(struct srtp_streams *streams, const struct srtp_streams *before);

/* RFC 3711 §3.3.1: the rollover counter that brings `sequence` closest to the highest packet. */
CORE uint32_t window_rollover(const struct srtp_window *window, uint32_t sequence);

/* Whether no packet of that index was, and it is not older than the window. */
CORE int window_is_new(const struct srtp_window *window, struct srtp_index index);

CORE void window_note(struct srtp_window *window, struct srtp_index index);

#endif
