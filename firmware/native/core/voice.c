#include "voice.h"

#include "level.h"

#define MAGIC 0x42414B31u
#define WRONG (-1)

/* RFC 3389 §4: its static payload type. It may come unasked. */
#define COMFORT_NOISE 13

/* -dBov down to six, Q15; each six more are a shift. */
static const uint16_t LEVELS[6] = {32768, 29205, 26029, 23198, 20675, 18427};

/* Samples after an event in which its sender may still repeat the end instead of voice. */
#define EVENT_TAIL 480

static int is_voice(const struct voice *voice)
{
    return voice && ((uintptr_t)voice & 3) == 0 && voice->magic == MAGIC;
}

static int aligned(const void *buffer)
{
    return ((uintptr_t)buffer & 3) == 0;
}

CORE uint32_t voice_size(void)
{
    return sizeof(struct voice);
}

CORE int voice_start(void *state, uint32_t octets, uint32_t rate, uint32_t capture_bits)
{
    struct voice *voice = state;
    if (octets < sizeof *voice || !aligned(state) || (capture_bits != 16 && capture_bits != 32)
        || (rate != 8000 && rate != 16000 && rate != 48000)) {
        return WRONG;
    }
    clear_octets(voice, sizeof *voice);
    voice->magic = MAGIC;
    voice->rate = rate;
    voice->capture_bits = capture_bits;
    voice->volume = UNITY;
    return 0;
}

CORE int voice_update(struct voice *voice, const uint32_t *parameters, uint32_t count)
{
    if (!is_voice(voice) || !aligned(parameters) || count < VOICE_UPDATE_PARAMETERS) {
        return WRONG;
    }
    const struct voice_parameters *wanted = (const struct voice_parameters *)(const void *)parameters;
    struct stream *stream = &voice->stream;
#if WIDE
    if (wanted->law == CODEC_G722 && voice->rate == 8000) {
        return WRONG;
    }
    stream_widen(stream, wanted->law);
#endif
    if (stream->g711.received != wanted->law) {
        jitter_reset(&stream->jitter); /* what waits was coded by the other law */
    }
    g711_start(&stream->g711, wanted->law);
    stream->payload_type = wanted->payload_type;
    stream->receive_payload_type = wanted->receive_payload_type;
    stream->event_payload_type = wanted->event_payload_type;
    return 0;
}

CORE int voice_open(struct voice *voice, const uint32_t *parameters, uint32_t count)
{
    if (!is_voice(voice) || !aligned(parameters) || count < VOICE_OPEN_PARAMETERS) {
        return WRONG;
    }
    const struct voice_parameters *wanted = (const struct voice_parameters *)(const void *)parameters;
    struct stream *stream = &voice->stream;
    if (wanted->depth_ms == 0 || wanted->depth_ms > wanted->ceiling_ms || wanted->ceiling_ms > RING / 2 / 8) {
        return WRONG;
    }
    clear_octets(stream, sizeof *stream);
    stream->ssrc = wanted->ssrc;
    stream->sequence = wanted->sequence;
    stream->timestamp = wanted->timestamp;
    jitter_start(&stream->jitter, wanted->depth_ms * 8, wanted->ceiling_ms * 8);
    stream->open = 1;
    return voice_update(voice, parameters, count);
}

CORE int voice_close(struct voice *voice)
{
    if (!is_voice(voice)) {
        return WRONG;
    }
    voice->stream.open = 0;
    return 0;
}

/* One frame from the wire to 8 kHz in voice->frame. */
static void capture(struct voice *voice, const void *frame)
{
    const int16_t *narrow = frame;
    const int32_t *wide = frame;
    uint32_t step = voice->rate / 1000 * 20 / STEPS;
    for (uint32_t index = 0; index < STEPS; index++) {
        int16_t *out = voice->frame + index * STEP_8K;
        int16_t *place = voice->rate == 8000 ? out : resample_down_place(&voice->down, voice->rate);
        if (voice->capture_bits == 32) {
            level_narrow(place, wide, step, voice->capture_gain);
            wide += step;
        } else {
            level_raise(place, narrow, step, voice->capture_gain);
            narrow += step;
        }
#if WIDE
        if (voice->stream.g711.law == CODEC_G722) {
            resample_split_step(&voice->down, voice->rate, out, voice->stream.above + index * STEP_8K);
            continue;
        }
#endif
        if (voice->rate != 8000) {
            resample_down_step(&voice->down, voice->rate, out);
        }
    }
}

static int send_packet(struct stream *stream, uint8_t *octets, struct rtp_packet *packet)
{
    packet->sequence = stream->sequence;
    packet->ssrc = stream->ssrc;
    rtp_write(octets, packet);
    stream->sequence = (stream->sequence + 1) & 0xFFFF;
    stream->talking = 1;
    stream->sent++;
    stream->sent_octets += packet->length;
    return (int)(RTP_HEADER + packet->length);
}

/* RFC 3389 §4: the level of the background, as a packet of its own. */
static int send_noise(struct stream *stream, uint8_t *octets, struct rtp_packet *packet)
{
    octets[RTP_HEADER] = (uint8_t)vad_level(&stream->vad);
    packet->marker = 0;
    packet->payload_type = COMFORT_NOISE;
    packet->length = 1;
    int length = send_packet(stream, octets, packet);
    stream->talking = 0; /* what follows is the first of a talkspurt */
    return length;
}

static void compress(struct stream *stream, uint8_t *octets, const int16_t *frame)
{
#if WIDE
    if (stream->g711.law == CODEC_G722) {
        g722_code(&stream->encoder, octets, frame, stream->above, FRAME_SAMPLES);
        return;
    }
#endif
    g711_compress(&stream->g711, octets, frame, FRAME_SAMPLES);
}

CORE int voice_transmit(struct voice *voice, const void *frame, uint32_t frame_octets, uint8_t *octets,
                        uint32_t packet_octets, uint32_t now)
{
    if (!is_voice(voice) || !aligned(frame) || packet_octets < VOICE_PACKET
        || frame_octets != voice->rate / 50 * (voice->capture_bits / 8)) {
        return WRONG;
    }
    struct stream *stream = &voice->stream;
    capture(voice, frame);
    voice->capture_energy = level_energy(voice->frame, FRAME_SAMPLES);
    if (!stream->open) {
        return 0;
    }
    struct rtp_packet packet;
    packet.timestamp = stream->timestamp;
    stream->timestamp += FRAME_SAMPLES; /* time goes on whether or not we send: RFC 3550 §5.1 */
    stream->sent_at = now;
    if (voice->hold_send) {
        stream->talking = 0;
        return 0;
    }
    if (stream->event_payload_type != NO_EVENTS) {
        uint32_t kind = dtmf_send(&stream->digits_out, octets + RTP_HEADER, packet.timestamp);
        if (kind != DTMF_VOICE) {
            packet.marker = kind == DTMF_START;
            packet.payload_type = stream->event_payload_type;
            packet.timestamp = stream->digits_out.start;
            packet.length = DTMF_PAYLOAD;
            return send_packet(stream, octets, &packet);
        }
    } else {
        dtmf_sound(&stream->digits_out, &stream->digit_tone);
    }
    if (voice->mute || stream->digit_tone.count) {
        clear_octets(voice->frame, sizeof voice->frame);
        UPPER(clear_octets(stream->above, sizeof stream->above));
    }
    if (voice->vad_on && !stream->digit_tone.count) {
        uint32_t kind = vad_hear(&stream->vad, voice->frame);
        if (kind != VAD_SPEECH) {
            stream->talking = 0;
            return kind == VAD_NOISE ? send_noise(stream, octets, &packet) : 0;
        }
    }
    tone_add(&stream->digit_tone, voice->frame, FRAME_SAMPLES);
    compress(stream, octets + RTP_HEADER, voice->frame);
    packet.marker = !stream->talking; /* RFC 3551 §4.1: the first after a silence */
    packet.payload_type = stream->payload_type;
    packet.length = FRAME_SAMPLES;
    return send_packet(stream, octets, &packet);
}

static void take_voice(struct stream *stream, const struct rtp_packet *packet, const uint8_t *payload, uint32_t now)
{
    rtp_source_time(&stream->source, packet->timestamp, now);
    switch (jitter_put(&stream->jitter, packet->timestamp, payload, packet->length)) {
    case JITTER_LATE:
        stream->late++;
        break;
    case JITTER_OVERFLOW:
        stream->overflow++;
        break;
    case JITTER_REPEATED:
        stream->duplicate++;
        break;
    default:
        break;
    }
}

/* RFC 3389 §3: the level of the background; the spectrum that may follow is not made use of. */
static void take_comfort_noise(struct stream *stream, const struct rtp_packet *packet, const uint8_t *payload)
{
    if (packet->length == 0) {
        return;
    }
    uint32_t level = payload[0] & 0x7F;
    uint32_t amplitude = (uint32_t)LEVELS[level % 6] * 5 / 2 >> level / 6; /* of noise that has that power */
    stream->noise = amplitude < 32767 ? (int32_t)amplitude : 32767;
    stream->quiet_from = packet->timestamp;
    stream->quiet = 1;
}

/* A peer may send either law at any time where both were offered: RFC 3264 §7. */
static uint32_t law_of(const struct stream *stream, uint32_t payload_type)
{
    return payload_type == stream->receive_payload_type ? stream->g711.law : payload_type;
}

static int is_known(const struct stream *stream, uint32_t payload_type)
{
    return payload_type == stream->receive_payload_type || payload_type == stream->event_payload_type
           || payload_type == COMFORT_NOISE || payload_type == LAW_MU || payload_type == LAW_A
           || (WIDE && payload_type == CODEC_G722);
}

/* Packets of another codec begin. Waiting G.711 is recoded to the other law; waiting G.722 cannot be recoded. */
static void hear(struct stream *stream, uint32_t law)
{
#if WIDE
    if (law == CODEC_G722 || stream->g711.received == CODEC_G722) {
        jitter_reset(&stream->jitter);
        g722_start(&stream->decoder);
    }
#endif
    g711_switch(&stream->g711, law, stream->jitter.octets, stream->jitter.anchored ? RING : 0);
}

CORE int voice_receive(struct voice *voice, const uint8_t *octets, uint32_t length, uint32_t now)
{
    if (!is_voice(voice)) {
        return WRONG;
    }
    struct stream *stream = &voice->stream;
    struct rtp_packet packet;
    if (!stream->open) {
        return 1;
    }
    if (!rtp_parse(&packet, octets, length) || !is_known(stream, packet.payload_type)) {
        stream->invalid++;
        return 1;
    }
    uint32_t expected = rtp_source_expected(&stream->source);
    uint32_t received = stream->source.received;
    switch (rtp_source_take(&stream->source, &packet, now)) {
    case RTP_UNPROVEN:
        stream->invalid++;
        return 1;
    case RTP_DUPLICATE:
        stream->duplicate++;
        return 0;
    case RTP_FIRST:
        stream->past_expected += expected;
        stream->past_received += received;
        stream->digits_in.known = 0;
        stream->quiet = 0;
        jitter_reset(&stream->jitter);
        UPPER(g722_start(&stream->decoder));
        break;
    default:
        break;
    }
    const uint8_t *payload = octets + packet.offset;
    if (packet.payload_type == stream->event_payload_type) {
        if (!dtmf_receive(&stream->digits_in, payload, packet.length, packet.timestamp)) {
            stream->invalid++;
            return 1;
        }
        jitter_cover(&stream->jitter, packet.timestamp, stream->digits_in.duration + EVENT_TAIL);
    } else if (packet.payload_type != COMFORT_NOISE) {
        uint32_t law = law_of(stream, packet.payload_type);
        if (law != stream->g711.received) {
            hear(stream, law);
        }
        take_voice(stream, &packet, payload, now);
    } else {
        take_comfort_noise(stream, &packet, payload);
    }
    return 0;
}

CORE int voice_playout(struct voice *voice, int16_t *frame, uint32_t frame_octets)
{
    if (!is_voice(voice) || !aligned(frame) || frame_octets != voice->rate / 50 * 2) {
        return WRONG;
    }
    int16_t *samples = voice->rate == 8000 ? frame : voice->frame;
    if (voice->stream.open) {
        stream_play(&voice->stream, samples);
    }
    if (!voice->stream.open || voice->hold_receive) {
        clear_octets(samples, sizeof voice->frame);
        UPPER(clear_octets(voice->stream.above, sizeof voice->stream.above));
    }
    tone_add(&voice->tone, samples, FRAME_SAMPLES);
    voice->playout_energy = level_energy(samples, FRAME_SAMPLES);
    level_scale(samples, FRAME_SAMPLES, voice->volume);
    UPPER(level_scale(voice->stream.above, FRAME_SAMPLES, voice->volume));
    if (voice->rate != 8000) {
        uint32_t step = voice->rate / 1000 * 20 / STEPS;
        for (uint32_t index = 0; index < STEPS; index++) {
#if WIDE
            resample_join_step(&voice->up, voice->rate, samples + index * STEP_8K,
                               voice->stream.above + index * STEP_8K, frame + index * step);
            continue;
#endif
            resample_up_step(&voice->up, voice->rate, samples + index * STEP_8K, frame + index * step);
        }
    }
    return 0;
}

/* What the peer did not send while it was on hold is not lost: its next packet begins a source. */
static void leave_source(struct stream *stream)
{
    stream->past_expected += rtp_source_expected(&stream->source);
    stream->past_received += stream->source.received;
    stream->source.received = 0;
    stream->source.known = 0;
}

CORE int voice_set(struct voice *voice, uint32_t option, uint32_t value)
{
    if (!is_voice(voice)) {
        return WRONG;
    }
    switch (option) {
    case VOICE_MUTE:
        voice->mute = value;
        return 0;
    case VOICE_HOLD_SEND:
        voice->hold_send = value;
        return 0;
    case VOICE_HOLD_RECEIVE:
        if (voice->hold_receive && !value) {
            leave_source(&voice->stream);
        }
        voice->hold_receive = value;
        return 0;
    case VOICE_VOLUME:
        voice->volume = value < UNITY ? value : UNITY;
        return 0;
    case VOICE_CAPTURE_GAIN:
        voice->capture_gain = value < CAPTURE_GAIN_MAX ? value : CAPTURE_GAIN_MAX;
        return 0;
    case VOICE_VAD:
        voice->vad_on = value;
        return 0;
    default:
        return WRONG;
    }
}

CORE int voice_counters(const struct voice *voice, uint32_t *counters, uint32_t count)
{
    if (!is_voice(voice) || !aligned(counters) || count < VOICE_COUNTERS) {
        return WRONG;
    }
    const struct stream *stream = &voice->stream;
    uint32_t expected = rtp_source_expected(&stream->source);
    counters[COUNT_SSRC] = stream->ssrc;
    counters[COUNT_TIMESTAMP] = stream->timestamp;
    counters[COUNT_SENT_AT] = stream->sent_at;
    counters[COUNT_SENT] = stream->sent;
    counters[COUNT_SENT_OCTETS] = stream->sent_octets;
    counters[COUNT_REMOTE_KNOWN] = stream->source.known;
    counters[COUNT_REMOTE_SSRC] = stream->source.ssrc;
    counters[COUNT_REMOTE_SEQUENCE] = stream->source.cycles + stream->source.max_sequence;
    counters[COUNT_SOURCE_EXPECTED] = expected;
    counters[COUNT_SOURCE_RECEIVED] = stream->source.received;
    counters[COUNT_EXPECTED] = stream->past_expected + expected;
    counters[COUNT_RECEIVED] = stream->past_received + stream->source.received;
    counters[COUNT_JITTER] = stream->source.jitter;
    counters[COUNT_DUPLICATE] = stream->duplicate;
    counters[COUNT_LATE] = stream->late;
    counters[COUNT_OVERFLOW] = stream->overflow;
    counters[COUNT_INVALID] = stream->invalid;
    counters[COUNT_CONCEALED] = stream->concealed;
    counters[COUNT_SLIPPED] = stream->stretch.changes;
    counters[COUNT_RESYNCED] = stream->jitter.resynced;
    counters[COUNT_CAPTURE_ENERGY] = voice->capture_energy;
    counters[COUNT_PLAYOUT_ENERGY] = voice->playout_energy;
    return 0;
}

CORE int voice_tone(struct voice *voice, const uint8_t *script, uint32_t length)
{
    return is_voice(voice) && tone_load(&voice->tone, script, length) ? 0 : WRONG;
}

CORE int voice_send_digit(struct voice *voice, uint32_t event, uint32_t ms)
{
    if (!is_voice(voice)) {
        return WRONG;
    }
    return voice->stream.open && dtmf_queue(&voice->stream.digits_out, event, ms) == 0 ? 0 : 1;
}

CORE int voice_next_digit(struct voice *voice)
{
    return is_voice(voice) ? dtmf_next(&voice->stream.digits_in) : WRONG;
}

CORE int voice_mix(void *frame, uint32_t frame_octets, const int16_t *other, uint32_t other_octets)
{
    uint32_t count = other_octets / 2;
    if (frame == NULL || other == NULL || ((uintptr_t)frame & 3) || ((uintptr_t)other & 1) || other_octets % 2) {
        return WRONG;
    }
    if (frame_octets == other_octets) {
        int16_t *narrow = frame;
        for (uint32_t i = 0; i < count; i++) {
            narrow[i] = saturate((int32_t)narrow[i] + other[i]);
        }
        return 0;
    }
    if (frame_octets == 2 * other_octets) {
        int32_t *wide = frame;
        for (uint32_t i = 0; i < count; i++) {
            /* What lies below 16 bits stays. */
            wide[i] = (int32_t)((uint32_t)saturate((wide[i] >> 16) + other[i]) << 16 | ((uint32_t)wide[i] & 0xFFFF));
        }
        return 0;
    }
    return WRONG;
}

CORE int voice_adjust(void *frame, uint32_t frame_octets, uint32_t bits, uint32_t steps, uint32_t volume)
{
    if (frame == NULL || !aligned(frame) || (bits != 16 && bits != 32) || frame_octets % (bits / 8)
        || steps > CAPTURE_GAIN_MAX || volume > UNITY) {
        return WRONG;
    }
    uint32_t count = frame_octets / (bits / 8);
    if (bits == 16) {
        level_raise(frame, frame, count, steps);
        level_scale(frame, count, volume);
        return 0;
    }
    int32_t *wide = frame;
    int32_t most = 0x7FFFFFFF >> steps;
    for (uint32_t index = 0; index < count; index++) {
        int32_t sample = wide[index];
        sample = sample > most ? most : sample < -most ? -most : sample;
        wide[index] = sample * (1 << steps);
    }
    return 0;
}
