/* RTP (RFC 3550): the header, and what is known of the source whose packets arrive. */

#ifndef BAKELITE_RTP_H
#define BAKELITE_RTP_H

#include "core.h"

#define RTP_HEADER 12

struct rtp_packet {
    uint32_t payload_type;
    uint32_t marker;
    uint32_t sequence;
    uint32_t timestamp;
    uint32_t ssrc;
    uint32_t offset; /* of the payload, in octets from the packet's first */
    uint32_t length; /* of the payload, padding removed */
};

/* Read the header; 0 when these octets are no RTP packet: wrong version, or lengths beyond the end. */
CORE int rtp_parse(struct rtp_packet *packet, const uint8_t *octets, uint32_t length);

CORE void rtp_write(uint8_t *octets, const struct rtp_packet *packet);

/* What `rtp_source_take` found. */
enum rtp_verdict {
    RTP_NEXT = 0,  /* a packet of the source */
    RTP_FIRST,     /* the same, and the source is new or restarted: what was buffered is void */
    RTP_DUPLICATE, /* seen before */
    RTP_UNPROVEN   /* another source, or a jump: not believed before a second packet follows it */
};

/* RFC 3550 appendix A.1, for the one source that a call has. */
struct rtp_source {
    uint32_t ssrc;
    uint32_t heard_at;       /* ms: when its last packet came */
    uint32_t cycles;         /* sequence wraps, times 65536 */
    uint32_t base_sequence;
    uint32_t max_sequence;
    uint32_t bad_sequence;   /* the one that would prove a restart; 65537: none */
    uint32_t seen;           /* bit n: max_sequence - n has come */
    uint32_t received;
    uint32_t skipped;        /* sequence numbers that did not come, or not yet */
    uint32_t candidate_ssrc; /* who would take over with candidate_sequence */
    uint32_t candidate_sequence;
    uint32_t transit;        /* RFC 3550 A.8, timestamp units */
    uint32_t jitter;         /* A.8: sixteenths of a timestamp unit */
    uint8_t known;
    uint8_t timed;           /* transit holds a value */
};

CORE uint32_t rtp_source_take(struct rtp_source *source, const struct rtp_packet *packet, uint32_t now);

/* Packets that the source has sent, as its sequence numbers tell. */
CORE uint32_t rtp_source_expected(const struct rtp_source *source);

/* RFC 3550 A.8; `now` in ms, the clock 8 kHz. */
CORE void rtp_source_time(struct rtp_source *source, uint32_t timestamp, uint32_t now);

#endif
