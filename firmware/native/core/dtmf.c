#include "dtmf.h"

/* ITU-T Q.23, by event: 0-9 * # A-D. */
static const uint16_t LOW[DTMF_EVENTS] = {
    941, 697, 697, 697, 770, 770, 770, 852, 852, 852, 941, 941, 697, 770, 852, 941,
};
static const uint16_t HIGH[DTMF_EVENTS] = {
    1336, 1209, 1336, 1477, 1209, 1336, 1477, 1209, 1336, 1477, 1209, 1477, 1633, 1633, 1633, 1633,
};

#define VOLUME 10       /* -10 dBm0 */
#define END_BIT 0x80
#define END_PACKETS 3   /* RFC 4733 §2.5.1.4 */
#define PAUSE_FRAMES 2  /* between digits: 40 ms, as Q.24 expects */
#define PAUSE_MS 60     /* the same between tones */
#define MAX_LENGTH 65535   /* duration at which an event goes on in a new segment, §2.5.1.3 */
#define MS_MAX 8000      /* so that one segment holds it */
#define PACKED_MAX 8    /* events in one packet, §2.5.1.5 */

CORE int dtmf_queue(struct dtmf_sender *sender, uint32_t event, uint32_t ms)
{
    if (sender->waiting == DTMF_QUEUE || event >= DTMF_EVENTS || ms == 0 || ms > MS_MAX) {
        return -1;
    }
    uint32_t place = (sender->first + sender->waiting++) & (DTMF_QUEUE - 1);
    sender->events[place] = (uint8_t)event;
    sender->lengths[place] = (uint16_t)ms;
    return 0;
}

/* Take the next digit off the queue: its ms; 0 when none waits. */
static uint32_t take(struct dtmf_sender *sender)
{
    if (sender->waiting == 0) {
        return 0;
    }
    uint32_t place = sender->first;
    sender->first = (place + 1) & (DTMF_QUEUE - 1);
    sender->waiting--;
    sender->event = sender->events[place];
    return sender->lengths[place];
}

CORE uint32_t dtmf_send(struct dtmf_sender *sender, uint8_t *payload, uint32_t timestamp)
{
    uint32_t kind = DTMF_GOING;
    if (sender->length == 0) {
        if (sender->pause) {
            sender->pause--;
            return DTMF_VOICE;
        }
        sender->length = take(sender) * 8;
        if (sender->length == 0) {
            return DTMF_VOICE;
        }
        sender->start = timestamp;
        sender->duration = 0;
        sender->ends = 0;
        kind = DTMF_START;
    }
    if (sender->duration < sender->length) {
        sender->duration += FRAME_SAMPLES;
    }
    int end = sender->duration >= sender->length;
    payload[0] = sender->event;
    payload[1] = end ? END_BIT | VOLUME : VOLUME;
    write16(payload + 2, sender->duration);
    if (end && ++sender->ends == END_PACKETS) {
        sender->length = 0;
        sender->pause = PAUSE_FRAMES;
    }
    return kind;
}

CORE void dtmf_sound(struct dtmf_sender *sender, struct tone *tone)
{
    if (tone->count == 0) {
        uint32_t ms = take(sender);
        if (ms) {
            tone_pair(tone, LOW[sender->event], HIGH[sender->event], ms, PAUSE_MS);
        }
    }
}

/* Whether an event of another timestamp is the same key still: the next segment of a long one, or an event of a
 * gateway that moves the timestamp with each packet, which then lies within what was held already.
 */
static int goes_on(const struct dtmf_receiver *receiver, int32_t age)
{
    int32_t held = (int32_t)receiver->duration;
    if (age == MAX_LENGTH || age == held) {
        return !receiver->ended;
    }
    return age > 0 && age < held;
}

/* One event block. The digit counts when it is first seen, whichever of its packets that is. */
static void see(struct dtmf_receiver *receiver, uint32_t event, int end, uint32_t timestamp, uint32_t duration)
{
    if (receiver->known) {
        int32_t age = ahead(timestamp, receiver->start);
        if (age < 0 && age > -8 * MAX_LENGTH) {
            return; /* an older event, late */
        }
        if (age != 0) {
            receiver->known = (uint8_t)(event == receiver->event && goes_on(receiver, age));
            receiver->ended = 0;
        }
    }
    if (!receiver->known && receiver->waiting < DTMF_QUEUE) {
        uint32_t place = (receiver->first + receiver->waiting++) & (DTMF_QUEUE - 1);
        receiver->events[place] = (uint8_t)event;
    }
    if (!receiver->known || timestamp != receiver->start || duration > receiver->duration) {
        receiver->duration = duration;
    }
    receiver->known = 1;
    receiver->event = (uint8_t)event;
    receiver->start = timestamp;
    if (end) {
        receiver->ended = 1;
    }
}

CORE int dtmf_receive(struct dtmf_receiver *receiver, const uint8_t *payload, uint32_t length, uint32_t timestamp)
{
    if (length < DTMF_PAYLOAD || length % DTMF_PAYLOAD || length > DTMF_PAYLOAD * PACKED_MAX) {
        return 0;
    }
    for (; length; length -= DTMF_PAYLOAD, payload += DTMF_PAYLOAD) {
        uint32_t duration = read16(payload + 2);
        if (payload[0] < DTMF_EVENTS) {
            see(receiver, payload[0], payload[1] & END_BIT, timestamp, duration);
        }
        timestamp += duration;
    }
    return 1;
}

CORE int dtmf_next(struct dtmf_receiver *receiver)
{
    if (receiver->waiting == 0) {
        return -1;
    }
    uint32_t place = receiver->first;
    receiver->first = (place + 1) & (DTMF_QUEUE - 1);
    receiver->waiting--;
    return receiver->events[place];
}
