#include "srtp_streams.h"

CORE struct srtp_stream *streams_find(struct srtp_streams *streams, uint32_t ssrc)
{
    for (uint32_t at = 0; at < SRTP_STREAMS; at++) {
        if (streams->all[at].known && streams->all[at].ssrc == ssrc) {
            return &streams->all[at];
        }
    }
    return NULL;
}

CORE struct srtp_stream *streams_claim(struct srtp_streams *streams, uint32_t ssrc)
{
    struct srtp_stream *stream = streams_find(streams, ssrc);
    if (stream == NULL) {
        stream = streams->all;
        for (uint32_t at = 1; at < SRTP_STREAMS; at++) {
            struct srtp_stream *other = &streams->all[at];
            if (stream->known && (!other->known || other->used < stream->used)) {
                stream = other;
            }
        }
        clear_octets(stream, sizeof *stream);
        stream->known = 1;
        stream->ssrc = ssrc;
    }
    stream->used = ++streams->clock;
    return stream;
}

CORE uint32_t window_rollover(const struct srtp_window *window, uint32_t sequence)
{
    if (window->low < 32768) {
        return sequence > window->low + 32768 ? window->high - 1 : window->high;
    }
    return window->low - 32768 > sequence ? window->high + 1 : window->high;
}

/* How far a packet is ahead of the highest. */
static int32_t lead(const struct srtp_window *window, struct srtp_index index)
{
    return (int32_t)((index.high - window->high) * 65536u + index.low - window->low);
}

CORE int window_is_new(const struct srtp_window *window, struct srtp_index index)
{
    if (!window->started) {
        return 1;
    }
    int32_t delta = lead(window, index);
    if (delta > 0) {
        return 1;
    }
    uint32_t age = 0u - (uint32_t)delta;
    return age < SRTP_WINDOW_WORDS * 32 && !(window->seen[age / 32] >> age % 32 & 1);
}

CORE void window_note(struct srtp_window *window, struct srtp_index index)
{
    int32_t delta = window->started ? lead(window, index) : SRTP_WINDOW_WORDS * 32;
    if (delta <= 0) {
        uint32_t age = 0u - (uint32_t)delta;
        window->seen[age / 32] |= 1u << age % 32;
        return;
    }
    uint32_t words = (uint32_t)delta / 32, bits = (uint32_t)delta % 32;
    for (uint32_t at = SRTP_WINDOW_WORDS; at--;) {
        uint32_t value = at >= words ? window->seen[at - words] << bits : 0;
        if (bits && at > words) {
            value |= window->seen[at - words - 1] >> (32 - bits);
        }
        window->seen[at] = value;
    }
    window->seen[0] |= 1;
    window->high = index.high;
    window->low = index.low;
    window->started = 1;
}

typedef uint32_t __attribute__((__may_alias__)) stream_word;

CORE void streams_follow(struct srtp_streams *streams, const struct srtp_streams *before)
{
    stream_word *to = (stream_word *)(void *)streams;
    const stream_word *from = (const stream_word *)(const void *)before;
    for (uint32_t at = 0; at < sizeof *streams / 4; at++) {
        to[at] = from[at]; /* a struct at once would call a library */
    }
    for (uint32_t at = 0; at < SRTP_STREAMS; at++) {
        streams->all[at].inherited = INHERITED_RTP | INHERITED_RTCP;
    }
}
