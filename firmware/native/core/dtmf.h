/* Digits in both directions: RFC 4733 telephone-events, and DTMF tones where the peer takes no events. */

#ifndef BAKELITE_DTMF_H
#define BAKELITE_DTMF_H

#include "core.h"
#include "tone.h"

#define DTMF_QUEUE 16 /* digits that wait, a power of two */
#define DTMF_EVENTS 16 /* 0-9 * # A-D: RFC 4733 table 3 */
#define DTMF_PAYLOAD 4

/* One packet per frame: the first with the marker bit, the duration growing, the last three times. */
struct dtmf_sender {
    uint8_t events[DTMF_QUEUE];
    uint16_t lengths[DTMF_QUEUE]; /* ms */
    uint32_t first;    /* of the queue */
    uint32_t waiting;
    uint32_t start;    /* RTP timestamp of the event under way */
    uint32_t length;   /* samples that it is to last; 0: none under way */
    uint32_t duration; /* samples so far */
    uint32_t ends;     /* end packets sent */
    uint32_t pause;    /* frames until the next may begin */
    uint8_t event;
};

/* 0, or -1 when the queue is full. */
CORE int dtmf_queue(struct dtmf_sender *sender, uint32_t event, uint32_t ms);

/* What one frame is to carry. */
enum dtmf_frame { DTMF_VOICE = 0, DTMF_START, DTMF_GOING };

/* Next frame at `timestamp`; unless DTMF_VOICE, `payload` holds the event and sender->start is its time. */
CORE uint32_t dtmf_send(struct dtmf_sender *sender, uint8_t *payload, uint32_t timestamp);

/* The same as tones: load `tone` with the next digit that waits, once it plays nothing. */
CORE void dtmf_sound(struct dtmf_sender *sender, struct tone *tone);

struct dtmf_receiver {
    uint8_t events[DTMF_QUEUE];
    uint32_t first;
    uint32_t waiting;
    uint32_t start;    /* timestamp of the latest event */
    uint32_t duration;
    uint8_t event;
    uint8_t known;     /* start holds an event */
    uint8_t ended;
};

/* Take an event packet's payload; 0 when it is malformed. */
CORE int dtmf_receive(struct dtmf_receiver *receiver, const uint8_t *payload, uint32_t length, uint32_t timestamp);

/* The oldest digit that is not yet read, or -1. */
CORE int dtmf_next(struct dtmf_receiver *receiver);

#endif
