#include "rtp.h"

CORE int rtp_parse(struct rtp_packet *packet, const uint8_t *octets, uint32_t length)
{
    if (length < RTP_HEADER || octets[0] >> 6 != 2) {
        return 0;
    }
    uint32_t offset = RTP_HEADER + 4 * (octets[0] & 15u);
    if (octets[0] & 0x10) { /* §5.3.1: an extension, its length in words after its own first word */
        if (offset + 4 > length) {
            return 0;
        }
        offset += 4 + 4 * read16(octets + offset + 2);
    }
    if (offset > length) {
        return 0;
    }
    uint32_t padding = 0;
    if (octets[0] & 0x20) { /* §5.1: the last octet counts the padding, itself included */
        padding = octets[length - 1];
        if (padding == 0 || padding > length - offset) {
            return 0;
        }
    }
    packet->payload_type = octets[1] & 0x7F;
    packet->marker = octets[1] >> 7;
    packet->sequence = read16(octets + 2);
    packet->timestamp = read32(octets + 4);
    packet->ssrc = read32(octets + 8);
    packet->offset = offset;
    packet->length = length - offset - padding;
    return 1;
}

CORE void rtp_write(uint8_t *octets, const struct rtp_packet *packet)
{
    octets[0] = 0x80;
    octets[1] = (uint8_t)(packet->marker << 7 | packet->payload_type);
    write16(octets + 2, packet->sequence);
    write32(octets + 4, packet->timestamp);
    write32(octets + 8, packet->ssrc);
}

#define MAX_DROPOUT 3000
#define MAX_MISORDER 100
#define NO_SEQUENCE 65537

/* A source that was heard this recently (ms) is not replaced by another. */
#define STILL_SPEAKS 60

/* MicroPython's ticks wrap at 2^30 or beyond. */
#define TICKS_MASK 0x3FFFFFFFu

static void adopt(struct rtp_source *source, const struct rtp_packet *packet)
{
    source->ssrc = packet->ssrc;
    source->cycles = 0;
    source->base_sequence = packet->sequence;
    source->max_sequence = packet->sequence;
    source->bad_sequence = NO_SEQUENCE;
    source->seen = 1;
    source->received = 1;
    source->candidate_sequence = NO_SEQUENCE;
    source->known = 1;
    source->timed = 0;
}

/* Another SSRC: RFC 3550 A.1's probation, two packets in sequence, while ours is silent. */
static uint32_t try_candidate(struct rtp_source *source, const struct rtp_packet *packet, uint32_t now)
{
    if (packet->ssrc == source->candidate_ssrc && packet->sequence == source->candidate_sequence
        && ((now - source->heard_at) & TICKS_MASK) > STILL_SPEAKS) {
        adopt(source, packet);
        source->heard_at = now;
        source->jitter = 0;
        return RTP_FIRST;
    }
    source->candidate_ssrc = packet->ssrc;
    source->candidate_sequence = (packet->sequence + 1) & 0xFFFF;
    return RTP_UNPROVEN;
}

CORE uint32_t rtp_source_take(struct rtp_source *source, const struct rtp_packet *packet, uint32_t now)
{
    if (!source->known) {
        adopt(source, packet);
        source->heard_at = now;
        source->jitter = 0;
        return RTP_FIRST;
    }
    if (packet->ssrc != source->ssrc) {
        return try_candidate(source, packet, now);
    }
    uint32_t step = (packet->sequence - source->max_sequence) & 0xFFFF;
    uint32_t behind = (0x10000 - step) & 0xFFFF;
    if (step >= MAX_DROPOUT && behind > MAX_MISORDER) {
        if (packet->sequence != source->bad_sequence) {
            source->bad_sequence = (packet->sequence + 1) & 0xFFFF;
            return RTP_UNPROVEN;
        }
        adopt(source, packet);
        source->heard_at = now;
        return RTP_FIRST;
    }
    source->heard_at = now;
    source->received++;
    if (behind == 0 || (behind < 32 && step >= MAX_DROPOUT)) {
        if (source->seen >> behind & 1) {
            return RTP_DUPLICATE;
        }
        source->seen |= 1u << behind;
        source->skipped--;
    } else if (step < MAX_DROPOUT) {
        if (packet->sequence < source->max_sequence) {
            source->cycles += 0x10000;
        }
        source->max_sequence = packet->sequence;
        source->skipped += step - 1;
        source->seen = step < 32 ? source->seen << step | 1 : 1;
    }
    return RTP_NEXT;
}

CORE uint32_t rtp_source_expected(const struct rtp_source *source)
{
    return source->known ? source->cycles + source->max_sequence - source->base_sequence + 1 : 0;
}

/* A jump of a second or more is a new time line, not jitter. */
#define TIME_JUMP 8000

CORE void rtp_source_time(struct rtp_source *source, uint32_t timestamp, uint32_t now)
{
    uint32_t transit = now * 8 - timestamp;
    int32_t difference = ahead(transit, source->transit);
    source->transit = transit;
    if (!source->timed || difference >= TIME_JUMP || difference <= -TIME_JUMP) {
        source->timed = 1;
        return;
    }
    if (difference < 0) {
        difference = -difference;
    }
    source->jitter += (uint32_t)difference - ((source->jitter + 8) >> 4);
}
