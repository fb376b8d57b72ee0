/* Whether anybody speaks into the microphone: frames well above the background, and a while after them. */

#ifndef BAKELITE_VAD_H
#define BAKELITE_VAD_H

#include "core.h"

struct vad {
    uint32_t background; /* its mean size, in 256ths */
    uint32_t hold;       /* frames for which speech goes on */
    uint32_t quiet;      /* frames since it ended */
};

/* What a frame is to be. */
enum vad_frame { VAD_SPEECH = 0, VAD_NOISE, VAD_NOTHING };

/* Hear a frame: speech, a pause whose level is to be told now, or one of which nothing is sent. */
CORE uint32_t vad_hear(struct vad *vad, const int16_t *samples);

/* The level of the background in -dBov, 0 to 127: RFC 3389 §3.1. */
CORE uint32_t vad_level(const struct vad *vad);

#endif
