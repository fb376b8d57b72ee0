#include "vad.h"

#include "pitch.h"

#define PART_SHIFT 8     /* of `background` */
#define RISE_SHIFT 8     /* a 256th per frame: it doubles in 3.5 s */
#define ABOVE 3          /* speech is so many times as loud, */
#define LOUDER 24        /* and so much louder */
#define HOLD 15          /* frames: 300 ms, so that no word is cut */
#define AGAIN 25         /* frames after which the level is told again */
#define FULL_SCALE 26210 /* mean size of noise at 0 dBov */
#define SILENCE 8        /* what is that quiet is none */
#define DECIBEL 29205    /* 1 dB less, Q15 */

CORE uint32_t vad_hear(struct vad *vad, const int16_t *samples)
{
    uint32_t level = pitch_level(samples, FRAME_SAMPLES);
    uint32_t part = level << PART_SHIFT;
    int known = vad->background != 0;
    if (part <= vad->background || !known) {
        vad->background = part + 1;
    } else {
        vad->background += (vad->background >> RISE_SHIFT) + 1;
    }
    if (!known || (level > (vad->background * ABOVE) >> PART_SHIFT && part > vad->background + (LOUDER << PART_SHIFT))) {
        vad->hold = HOLD;
    }
    if (vad->hold) {
        vad->hold--;
        vad->quiet = 0;
        return VAD_SPEECH;
    }
    return vad->quiet++ % AGAIN == 0 ? VAD_NOISE : VAD_NOTHING;
}

CORE uint32_t vad_level(const struct vad *vad)
{
    uint32_t level = 0;
    uint32_t size = vad->background >> PART_SHIFT;
    for (uint32_t scale = FULL_SCALE; scale > size; level++) {
        scale = scale * DECIBEL >> 15;
        if (scale < SILENCE) {
            return 127;
        }
    }
    return level;
}
