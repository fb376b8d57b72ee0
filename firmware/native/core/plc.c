#include "plc.h"

#define COARSE_LAGS 2     /* lags apart in the first search */
#define COARSE_SAMPLES 2  /* samples apart in it */
#define FINE_SAMPLES 1
#define STEP_SAMPLES 16   /* over which the jump at the start is worked off, a power of two */
#define STEP_SHIFT 4
#define MERGE_SAMPLES 32  /* over which the signal that returns is faded in, a power of two */
#define MERGE_SHIFT 5
#define FADE_AFTER 80     /* samples: 10 ms at full level, */
#define FADE_END 480      /* silent after 60 */
#define FADE_SLOPE 82     /* Q15 per sample: 1.0 over the samples between */

CORE void plc_begin(struct plc *plc)
{
    copy_samples(plc->samples, plc->samples + FRAME_SAMPLES, PLC_HISTORY);
    plc->place = 0;
    plc->searched = 0;
}

CORE int16_t *plc_place(struct plc *plc)
{
    return plc->samples + PLC_HISTORY + plc->place;
}

/* How unlike the last samples before `end` are to those `lag` earlier: every `stride`th is compared. */
static uint32_t unlikeness(const int16_t *end, uint32_t lag, uint32_t stride)
{
    uint32_t sum = 0;
    const int16_t *late = end - PLC_WINDOW;
    const int16_t *early = late - lag;
    for (; late < end; late += stride, early += stride) {
        int32_t difference = *late - *early;
        sum += (uint32_t)(difference < 0 ? -difference : difference);
    }
    return sum;
}

static uint32_t find_lag(const int16_t *end)
{
    uint32_t best = PLC_LAG_MIN;
    uint32_t least = 0xFFFFFFFFu;
    for (uint32_t lag = PLC_LAG_MIN; lag <= PLC_LAG_MAX; lag += COARSE_LAGS) {
        uint32_t sum = unlikeness(end, lag, COARSE_SAMPLES);
        if (sum < least) {
            least = sum;
            best = lag;
        }
    }
    uint32_t middle = best;
    uint32_t first = middle > PLC_LAG_MIN ? middle - 1 : middle;
    uint32_t last = middle < PLC_LAG_MAX ? middle + 1 : middle;
    least = 0xFFFFFFFFu;
    for (uint32_t lag = first; lag <= last; lag++) {
        uint32_t sum = unlikeness(end, lag, FINE_SAMPLES);
        if (sum < least) {
            least = sum;
            best = lag;
        }
    }
    return best;
}

/* Take the last period as the cycle; its last quarter turns into what came before it, so it joins itself. */
static void make_cycle(struct plc *plc)
{
    const int16_t *end = plc_place(plc);
    if (!plc->searched) {
        plc->lag = find_lag(end);
        plc->searched = 1;
    }
    uint32_t lag = plc->lag;
    uint32_t quarter = lag >> 2;
    const int16_t *last = end - lag;
    const int16_t *before = last - lag;
    int32_t weight = 0;
    int32_t rise = 16384 / (int32_t)quarter;
    for (uint32_t index = 0; index < lag; index++) {
        int32_t sample = last[index];
        if (index >= lag - quarter) {
            weight += rise;
            sample += ((before[index] - sample) * weight) >> 14;
        }
        plc->cycle[index] = (int16_t)sample;
    }
    plc->phase = 0;
    plc->step = end[-1] - plc->cycle[lag - 1];
    plc->missing = 0;
}

/* The next sample of the cycle, before fading. */
static int16_t next_sample(struct plc *plc)
{
    int32_t sample = plc->cycle[plc->phase];
    if (++plc->phase == plc->lag) {
        plc->phase = 0;
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

CORE void plc_conceal(struct plc *plc, int16_t *out, uint32_t count)
{
    if (plc->missing == 0) {
        make_cycle(plc);
    }
    plc->merge = MERGE_SAMPLES;
    int16_t *at = plc_place(plc);
    for (uint32_t index = 0; index < count; index++) {
        at[index] = next_sample(plc);
        out[index] = (int16_t)fade(at[index], plc->missing);
    }
    plc->place += count;
}

CORE void plc_play(struct plc *plc, int16_t *out, uint32_t count)
{
    const int16_t *at = plc_place(plc);
    uint32_t index = 0;
    for (; index < count && plc->merge; index++, plc->merge--) {
        int32_t made_up = next_sample(plc);
        made_up = fade(made_up, plc->missing);
        int32_t arrived = at[index];
        int32_t weight = MERGE_SAMPLES - (int32_t)plc->merge;
        out[index] = (int16_t)(made_up + (((arrived - made_up) * weight) >> MERGE_SHIFT));
    }
    if (plc->merge == 0) {
        plc->missing = 0;
    }
    copy_samples(out + index, at + index, count - index);
    plc->place += count;
}

CORE void plc_rest(struct plc *plc, int16_t *out, uint32_t count)
{
    int16_t *at = plc_place(plc);
    for (uint32_t index = 0; index < count; index++) {
        at[index] = out[index] = 0;
    }
    plc->place += count;
    plc->missing = 0;
    plc->merge = 0;
}

CORE void plc_splice(struct plc *plc)
{
    if (plc->missing == 0) {
        make_cycle(plc);
    }
    plc->merge = MERGE_SAMPLES;
}
