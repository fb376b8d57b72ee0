/* The voice core: one wire (microphone and earpiece, by frames) and one stream (RTP, by packets).
 *
 * Per 20 ms: one voice_transmit, one voice_playout; per datagram one voice_receive. The state is a buffer of
 * voice_size() octets, aligned to 4, that the caller owns. Every function checks what it is given: -1 for a
 * buffer that is no state, of the wrong length or not aligned.
 */

#ifndef BAKELITE_VOICE_H
#define BAKELITE_VOICE_H

#include "core.h"
#include "dtmf.h"
#include "g711.h"
#include "jitter.h"
#include "plc.h"
#include "resample.h"
#include "rtp.h"
#include "stretch.h"
#include "tone.h"
#include "vad.h"
#if WIDE
#include "g722.h"
#endif

#define VOICE_PACKET (RTP_HEADER + FRAME_SAMPLES)
#define EVENT_PACKET (RTP_HEADER + DTMF_PAYLOAD)
#define NOISE_PACKET (RTP_HEADER + 1)

#define NO_EVENTS 255

/* What voice_open takes, as 32-bit numbers in this order. */
struct voice_parameters {
    uint32_t law; /* enum law; G.722 where the core is wide, and the wire faster than 8 kHz */
    uint32_t payload_type;
    uint32_t receive_payload_type;
    uint32_t event_payload_type; /* or NO_EVENTS */
    uint32_t ssrc;
    uint32_t sequence;
    uint32_t timestamp;
    uint32_t depth_ms; /* of the jitter buffer: no less than this, */
    uint32_t ceiling_ms; /* and no more than that */
};

#define VOICE_OPEN_PARAMETERS 9
#define VOICE_UPDATE_PARAMETERS 4 /* voice_update takes only the first of them */

enum voice_option { VOICE_MUTE, VOICE_HOLD_SEND, VOICE_HOLD_RECEIVE, VOICE_VOLUME, VOICE_CAPTURE_GAIN, VOICE_VAD };

#define CAPTURE_GAIN_MAX 6

/* What voice_counters gives, in this order. */
enum voice_counter {
    COUNT_SSRC,
    COUNT_TIMESTAMP,       /* of the next frame */
    COUNT_SENT_AT,         /* ms: when the last frame was taken */
    COUNT_SENT,            /* packets */
    COUNT_SENT_OCTETS,     /* of payload */
    COUNT_REMOTE_KNOWN,    /* 1 once a source is heard */
    COUNT_REMOTE_SSRC,
    COUNT_REMOTE_SEQUENCE, /* the highest, extended by its cycles */
    COUNT_SOURCE_EXPECTED, /* packets of the present source, as RTCP counts */
    COUNT_SOURCE_RECEIVED,
    COUNT_EXPECTED,        /* packets of all sources of this stream */
    COUNT_RECEIVED,
    COUNT_JITTER,          /* sixteenths of a timestamp unit */
    COUNT_DUPLICATE,
    COUNT_LATE,
    COUNT_OVERFLOW,
    COUNT_INVALID,
    COUNT_CONCEALED,       /* frames made up between others that came */
    COUNT_SLIPPED,
    COUNT_RESYNCED,
    COUNT_CAPTURE_ENERGY,  /* of the last frame, see level_energy */
    COUNT_PLAYOUT_ENERGY,
    VOICE_COUNTERS
};

struct stream {
    struct rtp_source source;
    struct jitter jitter;
    struct plc plc;
    struct stretch stretch;
    struct vad vad;
    struct dtmf_sender digits_out;
    struct dtmf_receiver digits_in;
    struct tone digit_tone; /* digits as tones, for a peer that takes no events */
    uint32_t payload_type;
    uint32_t receive_payload_type;
    uint32_t event_payload_type;
    uint32_t ssrc;
    uint32_t sequence;
    uint32_t timestamp;
    uint32_t sent_at;
    uint32_t sent;
    uint32_t sent_octets;
    uint32_t past_expected; /* of sources before the present one */
    uint32_t past_received;
    uint32_t duplicate;
    uint32_t late;
    uint32_t overflow;
    uint32_t invalid;
    uint32_t concealed;
    uint32_t gap;           /* frames made up since the last that came */
    uint32_t quiet_from;    /* timestamp from which on the peer pauses, */
    int32_t noise;          /* and the amplitude of its background then */
    uint32_t gaps;          /* of the jitter buffer that are looked into, */
    uint32_t skipped;       /* and what the source had skipped then */
    uint8_t open;
    uint8_t missed;         /* something, in the frame at work */
    uint8_t came;           /* something, for it */
    uint8_t quiet;          /* the peer pauses */
    uint8_t talking;        /* the last frame was sent */
    uint8_t playing;        /* something of the peer's was played since its time line was anchored */
    struct g711 g711;
#if WIDE /* at the end: what begins as a narrow stream can go on as a wide one */
    struct plc upper;
    struct g722 encoder;
    struct g722 decoder;
    int16_t above[FRAME_SAMPLES]; /* the upper band of voice->frame */
#endif
};

struct voice {
    uint32_t magic;
    uint32_t rate;         /* of the wire, Hz */
    uint32_t capture_bits; /* 16, or 32 left-justified */
    uint32_t mute;
    uint32_t hold_send;
    uint32_t hold_receive;
    uint32_t volume;       /* Q15 */
    uint32_t capture_gain; /* steps of 6 dB */
    uint32_t vad_on;       /* pauses are not sent, but for their level */
    uint32_t capture_energy;
    uint32_t playout_energy;
    struct resample_down down;
    struct resample_up up;
    int16_t frame[FRAME_SAMPLES];
    struct tone tone;
    struct stream stream;
};

/* The next frame of what the peer says; in stream.c. */
CORE void stream_play(struct stream *stream, int16_t *frame);
#if WIDE
/* See that a codec that begins now begins at its start, and a stream that was narrow has both its lines. */
CORE void stream_widen(struct stream *stream, uint32_t law);
#endif

CORE uint32_t voice_size(void);

/* Set the state up for a wire of 8000, 16000 or 48000 Hz; no stream is open. */
CORE int voice_start(void *state, uint32_t octets, uint32_t rate, uint32_t capture_bits);

/* Begin a stream with everything at zero; voice_update changes codec and payload types amid one. */
CORE int voice_open(struct voice *voice, const uint32_t *parameters, uint32_t count);
CORE int voice_update(struct voice *voice, const uint32_t *parameters, uint32_t count);

/* End it; the counters stay. */
CORE int voice_close(struct voice *voice);

/* Take one captured frame; the octets of the packet that is to be sent, 0 for none. */
CORE int voice_transmit(struct voice *voice, const void *frame, uint32_t frame_octets, uint8_t *packet,
                        uint32_t packet_octets, uint32_t now);

/* Take one datagram: 0, or 1 when it does not belong to the stream. */
CORE int voice_receive(struct voice *voice, const uint8_t *packet, uint32_t length, uint32_t now);

/* Fill one frame for the earpiece. */
CORE int voice_playout(struct voice *voice, int16_t *frame, uint32_t frame_octets);

CORE int voice_set(struct voice *voice, uint32_t option, uint32_t value);
CORE int voice_counters(const struct voice *voice, uint32_t *counters, uint32_t count);

/* Play a script (tone.h) into the earpiece; an empty one stops. */
CORE int voice_tone(struct voice *voice, const uint8_t *script, uint32_t length);

/* Queue a digit to send: 0, or 1 when the queue is full. */
CORE int voice_send_digit(struct voice *voice, uint32_t event, uint32_t ms);

/* Add the samples of a playout frame to another, or to a captured one of either width: a conference. */
CORE int voice_mix(void *frame, uint32_t frame_octets, const int16_t *other, uint32_t other_octets);

/* Amplify a frame of 16 or 32 bits by `steps` of 6 dB, then turn it down to `volume`, Q15: for what is mixed. */
CORE int voice_adjust(void *frame, uint32_t frame_octets, uint32_t bits, uint32_t steps, uint32_t volume);

/* The oldest digit received and not yet read, or -1. */
CORE int voice_next_digit(struct voice *voice);

#endif
