#include "plc.h"

#define STEP_SAMPLES 16   /* over which the jump at the start is worked off, a power of two */
#define STEP_SHIFT 4
#define MERGE_MIN 32      /* samples over which the signal that returns is faded in, */
#define MERGE_MAX 80
#define MERGE_SHIFT 3     /* more by an eighth of what was missing */
#define FADE_AFTER 80     /* samples: 10 ms at full level, */
#define FADE_END 480      /* silent after 60 */
#define FADE_SLOPE 82     /* Q15 per sample: 1.0 over the samples between */
#define TWO_AFTER 80      /* samples after which two periods are repeated, */
#define THREE_AFTER 160   /* and three */

CORE int16_t *plc_place(struct plc *plc)
{
    return plc->samples + PLC_HISTORY + plc->pending;
}

static uint32_t periods_after(uint32_t missing)
{
    return missing >= THREE_AFTER ? 3 : missing >= TWO_AFTER ? 2 : 1;
}

/* Take the last periods before the place as the cycle. */
static void make_cycle(struct plc *plc, const struct plc *lead)
{
    const int16_t *end = plc_place(plc);
    plc->lag = plc == lead ? pitch_find(end - PITCH_WINDOW, PITCH_MIN, PITCH_MAX) : lead->lag;
    for (uint32_t index = 0; index < PLC_CYCLE; index++) {
        plc->cycle[index] = end[(int32_t)index - PLC_CYCLE];
    }
    plc->rise = WEIGHT / (int32_t)((plc->lag >> 2) + 1);
    plc->missing = 0;
    plc->periods = periods_after(0);
    plc->phase = PLC_CYCLE - plc->periods * plc->lag;
    plc->step = end[-1] - plc->cycle[plc->phase - 1];
}

/* The next sample of the cycle, before fading. A turn's last quarter period becomes what is before the next. */
static int32_t next_sample(struct plc *plc)
{
    uint32_t quarter = plc->lag >> 2;
    uint32_t left = PLC_CYCLE - plc->phase;
    int32_t sample = plc->cycle[plc->phase];
    if (left == quarter) {
        plc->periods = periods_after(plc->missing);
    }
    if (left <= quarter) {
        int32_t before = plc->cycle[plc->phase - plc->periods * plc->lag];
        sample += ((before - sample) * ((int32_t)(quarter - left + 1) * plc->rise)) >> WEIGHT_SHIFT;
    }
    if (++plc->phase == PLC_CYCLE) {
        plc->phase -= plc->periods * plc->lag;
    }
    if (plc->missing < STEP_SAMPLES) {
        sample += (plc->step * (STEP_SAMPLES - (int32_t)plc->missing)) >> STEP_SHIFT;
    }
    plc->missing++;
    return saturate(sample);
}

static int32_t fade(int32_t sample, uint32_t missing)
{
    if (missing <= FADE_AFTER) {
        return sample;
    }
    if (missing >= FADE_END) {
        return 0;
    }
    return (sample * (int32_t)((FADE_END - missing) * FADE_SLOPE >> 1)) >> 14;
}

static void prepare_merge(struct plc *plc)
{
    uint32_t merge = plc->missing < FADE_END ? MERGE_MIN + (plc->missing >> MERGE_SHIFT) : MERGE_MIN;
    plc->merging = plc->merge = merge < MERGE_MAX ? merge : MERGE_MAX;
    plc->slope = WEIGHT / (int32_t)plc->merging;
}

CORE void plc_conceal(struct plc *plc, uint32_t count, const struct plc *lead)
{
    if (plc->missing == 0) {
        make_cycle(plc, lead);
    }
    int16_t *at = plc_place(plc);
    for (uint32_t index = 0; index < count; index++) {
        int32_t sample = next_sample(plc);
        at[index] = (int16_t)fade(sample, plc->missing);
    }
    prepare_merge(plc);
    plc->pending += count;
}

CORE void plc_take(struct plc *plc, uint32_t count)
{
    int16_t *at = plc_place(plc);
    for (uint32_t index = 0; index < count && plc->merge; index++, plc->merge--) {
        int32_t made_up = next_sample(plc);
        made_up = fade(made_up, plc->missing);
        int32_t weight = (int32_t)(plc->merging - plc->merge) * plc->slope;
        at[index] = (int16_t)(made_up + (((at[index] - made_up) * weight) >> WEIGHT_SHIFT));
    }
    if (plc->merge == 0) {
        plc->missing = 0;
    }
    plc->pending += count;
}

/* Turn the `count` samples at `at` more and more into the first period of `beyond`, as it would have been before. */
static void blend_back(int16_t *at, uint32_t count, const int16_t *beyond, uint32_t lag)
{
    uint32_t phase = (count + lag - 1) / lag * lag - count;
    int32_t rise = WEIGHT / (int32_t)(count + 1);
    int32_t weight = rise;
    for (uint32_t index = 0; index < count; index++, weight += rise) {
        at[index] = (int16_t)(at[index] + (((beyond[phase] - at[index]) * weight) >> WEIGHT_SHIFT));
        if (++phase == lag) {
            phase = 0;
        }
    }
}

CORE void plc_bridge(struct plc *plc, uint32_t gap, uint32_t beyond, uint32_t lag)
{
    if (lag) {
        int16_t *at = plc_place(plc);
        blend_back(at - gap, gap, at, lag);
        plc->missing = 0;
        plc->merge = 0;
    }
    plc_take(plc, beyond);
}

CORE void plc_noise(struct plc *plc, uint32_t count, int32_t amplitude)
{
    int16_t *at = plc_place(plc);
    for (uint32_t index = 0; index < count; index++) {
        int32_t last = (int16_t)(plc->dice >> 16);
        plc->dice = plc->dice * 69069 + 12345;
        int32_t next = (int16_t)(plc->dice >> 16);
        at[index] = (int16_t)((((last + next) >> 1) * amplitude) >> 15); /* duller than white noise, as rooms are */
    }
    plc->pending += count;
    plc->missing = 0;
    plc->merge = 0;
}

CORE void plc_rest(struct plc *plc, uint32_t count)
{
    int16_t *at = plc_place(plc);
    for (uint32_t index = 0; index < count; index++) {
        at[index] = 0;
    }
    plc->pending += count;
    plc->missing = 0;
    plc->merge = 0;
}

CORE void plc_output(struct plc *plc, int16_t *out)
{
    copy_samples(out, plc->samples + PLC_HISTORY, FRAME_SAMPLES);
    copy_samples(plc->samples, plc->samples + FRAME_SAMPLES, (PLC_HISTORY + plc->pending - FRAME_SAMPLES + 1) & ~1u);
    plc->pending -= FRAME_SAMPLES;
}
