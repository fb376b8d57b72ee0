#include "stretch.h"

#define LEAST PITCH_MIN  /* samples of want that are worth a change, */
#define SPARE 96         /* and of surplus: what is less does no harm */
#define MUCH 400         /* from here on any sound will do that is like enough */
#define URGENT 240       /* a want that does not wait */
#define PATIENCE 40      /* frames for which a surplus waits for a pause, a want half as long, */
#define REST 5           /* and between two changes of speech */
#define LOUD_SHIFT 6
#define PAUSE_SHIFT 4    /* a pause is 24 dB below the voice, */
#define PAUSE_LEVEL 24   /* or this low */
#define STEADY 5         /* unlikeness of sound in which a period more or less is not heard */
#define LIKE_ENOUGH 10
#define RISE (WEIGHT / (PITCH_WINDOW + 1)) /* Q14 per sample of a seam */

CORE void stretch_hear(struct stretch *stretch, const struct plc *plc)
{
    uint32_t level = pitch_level(plc->samples + PLC_HISTORY, FRAME_SAMPLES);
    stretch->loud -= stretch->loud >> LOUD_SHIFT;
    if (level > stretch->loud) {
        stretch->loud = level;
    }
    stretch->since++;
}

static uint32_t size(int32_t samples)
{
    return (uint32_t)(samples < 0 ? -samples : samples);
}

CORE int stretch_wants(struct stretch *stretch, int32_t surplus)
{
    if (surplus < SPARE && surplus > -LEAST) {
        stretch->waited = 0;
        return 0;
    }
    stretch->waited++;
    return 1;
}

static void blend(int16_t *out, const int16_t *from, const int16_t *to)
{
    int32_t weight = RISE;
    for (uint32_t index = 0; index < PITCH_WINDOW; index++, weight += RISE) {
        out[index] = (int16_t)(from[index] + (((to[index] - from[index]) * weight) >> WEIGHT_SHIFT));
    }
}

/* Leave out the `lag` samples before `join`. */
static void leave_out(struct plc *plc, int16_t *join, uint32_t lag)
{
    int16_t *end = plc_place(plc);
    blend(join - lag, join - lag, join);
    for (int16_t *from = join + PITCH_WINDOW, *to = from - lag; from < end; from++, to++) {
        *to = *from;
    }
    plc->pending -= lag;
}

/* Play the `lag` samples before `join` twice. */
static void put_in(struct plc *plc, int16_t *join, uint32_t lag)
{
    int16_t seam[PITCH_WINDOW];
    blend(seam, join, join - lag);
    for (int16_t *from = plc_place(plc) - 1; from >= join + PITCH_WINDOW - lag; from--) {
        from[lag] = *from;
    }
    for (uint32_t index = 0; index < PITCH_WINDOW; index++) {
        join[index] = seam[index];
    }
    plc->pending += lag;
}

/* How unlike a period may be to the next for a change in speech; nothing is that unlike to 0. */
static uint32_t allowed(const struct stretch *stretch, int32_t surplus)
{
    if (surplus < -URGENT) {
        return LIKE_ENOUGH;
    }
    if (stretch->waited < (surplus > 0 ? PATIENCE : PATIENCE / 2) || stretch->since < REST) {
        return 0;
    }
    return surplus < MUCH ? STEADY : LIKE_ENOUGH;
}

static int32_t join_of(int32_t surplus)
{
    return PLC_HISTORY + (surplus > 0 ? PITCH_MAX : 0);
}

CORE uint32_t stretch_choose(struct stretch *stretch, const struct plc *plc, int32_t surplus)
{
    const int16_t *join = plc->samples + join_of(surplus);
    uint32_t level = pitch_level(join, PITCH_WINDOW);
    int pause = level < PAUSE_LEVEL || level < stretch->loud >> PAUSE_SHIFT;
    uint32_t limit = allowed(stretch, surplus);
    if (!pause && limit == 0) {
        return 0;
    }
    uint32_t lag = pitch_find(join, PITCH_MIN, size(surplus) < PITCH_MAX ? size(surplus) : PITCH_MAX);
    if (!pause && pitch_unlikeness(join, lag) >= limit) {
        return 0;
    }
    stretch->since = 0;
    stretch->changes++;
    return lag;
}

CORE void stretch_by(struct plc *plc, int32_t surplus, uint32_t lag)
{
    int16_t *join = plc->samples + join_of(surplus);
    if (surplus > 0) {
        leave_out(plc, join, lag);
    } else {
        put_in(plc, join, lag);
    }
}
