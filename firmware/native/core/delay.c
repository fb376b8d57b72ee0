#include "delay.h"

#define BLOCK_MS 500
#define SPAN_BLOCKS 4     /* blocks in a span */
#define RECENT_SPANS 3    /* how long the latest packet counts alone, not by its weight */
#define STEP 200          /* samples: blocks this far apart are another path, not jitter */
#define FORGET_SHIFT 5    /* a 32nd of the memory goes each second */
#define TAIL_SHIFT 8      /* a 256th of the voice may come later than the target */
#define LOSS 512          /* weight of one; a 64th of all goes each block */
#define LOSS_SHIFT 6
#define LOSSES_MATTER 900 /* two within some seconds, */
#define LOSSES_PAST 256   /* and no longer three quarters of a minute after them */
#define NEVER (-0x40000000)

CORE void delay_anchor(struct delay *delay)
{
    delay->spans = 1;
    delay->blocks = 1;
    delay->voice_ms = 0;
    delay->passed = 0;
    delay->base = NEVER;
    delay->early[0] = NEVER;
    delay->late[0] = 0;
    delay->high[0] = NEVER;
    delay->low[0] = -NEVER;
}

CORE void delay_start(struct delay *delay, uint32_t floor, uint32_t ceiling)
{
    clear_octets(delay, sizeof *delay);
    delay->floor = floor;
    delay->ceiling = ceiling;
    delay->target = floor;
    delay_anchor(delay);
}

/* The bin above which no more than the tail is. */
static uint32_t quantile(const struct delay *delay)
{
    uint32_t tail = delay->total >> TAIL_SHIFT;
    uint32_t bin = DELAY_BINS - 1;
    uint32_t above = 0;
    for (; bin; bin--) {
        above += delay->bins[bin];
        if (above > tail) {
            break;
        }
    }
    return bin;
}

static void aim(struct delay *delay)
{
    uint32_t target = quantile(delay) * DELAY_BIN;
    for (uint32_t span = 0; span < delay->spans && span < RECENT_SPANS; span++) {
        if (delay->late[span] > (int32_t)target) {
            target = (uint32_t)delay->late[span];
        }
    }
    delay->lossy = delay->losses >= (delay->lossy ? LOSSES_PAST : LOSSES_MATTER);
    if (delay->lossy && target < delay->packet + FRAME_SAMPLES) {
        target = delay->packet + FRAME_SAMPLES; /* so that concealment knows what follows */
    }
    target = target < delay->floor ? delay->floor : target;
    delay->target = target > delay->ceiling ? delay->ceiling : target;
}

/* Every packet of the last block came later than any of the one before the last: another path, which is no jitter. */
static void rebase(struct delay *delay)
{
    int32_t longer = delay->base - delay->high[0];
    uint32_t bins = (uint32_t)longer / DELAY_BIN;
    for (uint32_t bin = 1; bin < DELAY_BINS; bin++) {
        uint16_t content = delay->bins[bin];
        delay->bins[bin] = 0;
        delay->bins[bin > bins ? bin - bins : 0] += content;
    }
    for (uint32_t span = 0; span < delay->spans; span++) {
        delay->early[span] = delay->high[0];
        delay->late[span] = delay->late[span] > longer ? delay->late[span] - longer : 0;
    }
    delay->base = delay->high[0];
    delay->blocks = 1;
}

static void begin_span(struct delay *delay)
{
    delay->passed = 0;
    if (delay->spans < DELAY_SPANS) {
        delay->spans++;
    }
    int32_t base = NEVER;
    for (uint32_t span = delay->spans - 1; span; span--) {
        delay->early[span] = delay->early[span - 1];
        delay->late[span] = delay->late[span - 1];
        base = delay->early[span] > base ? delay->early[span] : base;
    }
    delay->early[0] = NEVER;
    delay->late[0] = 0;
    delay->base = base;
}

static void forget(struct delay *delay)
{
    delay->total = 0;
    for (uint32_t bin = 0; bin < DELAY_BINS; bin++) {
        uint32_t content = delay->bins[bin];
        content -= (content + (1 << FORGET_SHIFT) - 1) >> FORGET_SHIFT;
        delay->bins[bin] = (uint16_t)content;
        delay->total += content;
    }
}

static void begin_block(struct delay *delay)
{
    delay->voice_ms = 0;
    delay->losses -= delay->losses >> LOSS_SHIFT;
    if (delay->blocks == DELAY_BLOCKS && delay->high[0] + STEP < delay->low[2]) {
        rebase(delay);
    }
    if (++delay->passed == SPAN_BLOCKS) {
        begin_span(delay);
    }
    if (delay->passed & 1) {
        forget(delay);
    }
    if (delay->blocks < DELAY_BLOCKS) {
        delay->blocks++;
    }
    for (uint32_t block = delay->blocks - 1; block; block--) {
        delay->high[block] = delay->high[block - 1];
        delay->low[block] = delay->low[block - 1];
    }
    delay->high[0] = NEVER;
    delay->low[0] = -NEVER;
    aim(delay);
}

CORE void delay_note(struct delay *delay, int32_t a, uint32_t samples)
{
    if (a > delay->early[0]) {
        delay->early[0] = a;
        delay->base = a > delay->base ? a : delay->base;
    }
    delay->high[0] = a > delay->high[0] ? a : delay->high[0];
    delay->low[0] = a < delay->low[0] ? a : delay->low[0];
    int32_t late = delay->base - a;
    delay->late[0] = late > delay->late[0] ? late : delay->late[0];
    uint32_t bin = ((uint32_t)late + DELAY_BIN - 1) / DELAY_BIN;
    bin = bin < DELAY_BINS ? bin : DELAY_BINS - 1;
    uint32_t ms = samples / 8;
    delay->bins[bin] = (uint16_t)(delay->bins[bin] + ms);
    delay->total += ms;
    delay->packet = samples;
    delay->voice_ms += ms;
    if (delay->voice_ms >= BLOCK_MS) {
        begin_block(delay);
    } else if (late > (int32_t)delay->target) {
        aim(delay);
    }
}

CORE void delay_lost(struct delay *delay)
{
    delay->losses += LOSS;
    aim(delay);
}
