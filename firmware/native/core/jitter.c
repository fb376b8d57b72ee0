#include "jitter.h"

/* Packets outside the ring in a row before the time line is anchored anew: late ones weigh 1, far ones 4. */
#define STRAYS_MAX 8
#define STRAY_LATE 1
#define STRAY_FAR 4

#define LEADS 64         /* packets over which the mean lead is taken, a power of two */
#define LEADS_SHIFT 6
#define LEAD_SLACK 200   /* samples: more than the one frame by which the lead swings with the phase */
#define IDLE_FRAMES 25   /* after half a second of nothing, the stream is at rest */

CORE void jitter_reset(struct jitter *jitter)
{
    clear_octets(jitter->filled, CELLS);
    jitter->anchored = 0;
    jitter->strays = 0;
    jitter->idle = 0;
    jitter->lead_sum = 0;
    jitter->leads = 0;
    jitter->slip = 0;
}

static void anchor(struct jitter *jitter, uint32_t timestamp)
{
    jitter_reset(jitter);
    jitter->anchored = 1;
    jitter->play = timestamp - jitter->depth;
    jitter->end = timestamp;
}

/* The mean lead strays from the depth as the two clocks drift apart. */
static void watch_drift(struct jitter *jitter, int32_t lead)
{
    jitter->lead_sum += lead;
    if (++jitter->leads < LEADS) {
        return;
    }
    int32_t mean = jitter->lead_sum >> LEADS_SHIFT;
    int32_t depth = (int32_t)jitter->depth;
    int32_t slack = depth / 2 < LEAD_SLACK ? depth / 2 : LEAD_SLACK;
    jitter->slip = mean > depth + LEAD_SLACK ? 1 : mean < depth - slack ? -1 : 0;
    jitter->lead_sum = 0;
    jitter->leads = 0;
}

static inline void copy_cell(uint8_t *to, const uint8_t *from)
{
    if (((uintptr_t)from & 3) == 0) { /* the usual case, behind a header of 12 */
        copy_samples((int16_t *)(void *)to, (const int16_t *)(const void *)from, CELL / 2);
        return;
    }
    for (uint32_t octet = 0; octet < CELL; octet++) {
        to[octet] = from[octet];
    }
}

static uint32_t store(struct jitter *jitter, int32_t lead, const uint8_t *payload, uint32_t cells)
{
    uint32_t verdict = JITTER_REPEATED;
    int32_t first = lead / CELL;
    for (uint32_t index = 0; index < cells; index++, payload += CELL) {
        if (first + (int32_t)index < 0) {
            continue; /* its time is past */
        }
        uint32_t cell = (jitter->head + (uint32_t)first + index) & (CELLS - 1);
        if (jitter->filled[cell] == CELL_FILLED) {
            continue;
        }
        jitter->filled[cell] = CELL_FILLED;
        verdict = JITTER_STORED;
        copy_cell(jitter->octets + cell * CELL, payload);
    }
    return verdict;
}

CORE uint32_t jitter_put(struct jitter *jitter, uint32_t timestamp, const uint8_t *payload, uint32_t length)
{
    uint32_t cells = length / CELL;
    if (cells == 0 || cells > CELLS / 2) {
        return JITTER_OVERFLOW;
    }
    if (!jitter->anchored) {
        anchor(jitter, timestamp);
    }
    /* Whole cells: a timestamp between two is at most 1 ms off, and all of one stream by the same. */
    int32_t lead = ahead(timestamp, jitter->play) & -CELL;
    int32_t last = lead + (int32_t)(cells * CELL);
    if (lead < -RING || last > RING || last <= 0) {
        int32_t apart = ahead(timestamp, jitter->stray);
        if (apart < -RING || apart > RING) {
            jitter->strays = 0; /* no time line that another packet confirms */
        }
        jitter->stray = timestamp;
        jitter->strays += lead < -RING || last > RING ? STRAY_FAR : STRAY_LATE;
        if (jitter->strays < STRAYS_MAX) {
            if (last > RING) {
                return JITTER_OVERFLOW;
            }
            if (lead >= -RING) {
                watch_drift(jitter, lead);
            }
            return JITTER_LATE;
        }
        anchor(jitter, timestamp);
        jitter->resynced++;
        lead = (int32_t)jitter->depth & -CELL;
        last = lead + (int32_t)(cells * CELL);
    }
    jitter->strays = 0;
    watch_drift(jitter, lead);
    if (ahead(jitter->play + (uint32_t)last, jitter->end) > 0) {
        jitter->end = jitter->play + (uint32_t)last;
    }
    return store(jitter, lead, payload, cells);
}

CORE void jitter_cover(struct jitter *jitter, uint32_t timestamp, uint32_t samples)
{
    int32_t lead = ahead(timestamp, jitter->play);
    if (!jitter->anchored || lead < -RING * 128 || lead > RING) {
        return;
    }
    int32_t first = lead < 0 ? 0 : lead / CELL;
    int32_t last = (lead + (int32_t)samples) / CELL;
    for (int32_t index = first; index < last && index < CELLS; index++) {
        uint32_t cell = (jitter->head + (uint32_t)index) & (CELLS - 1);
        if (jitter->filled[cell] == CELL_EMPTY) {
            jitter->filled[cell] = CELL_COVERED;
        }
    }
}

CORE uint32_t jitter_step(struct jitter *jitter)
{
    int32_t slip = jitter->slip;
    if (!jitter->anchored) {
        return JITTER_REST;
    }
    if (slip == 0) {
        return JITTER_FRAME;
    }
    jitter->slip = 0;
    jitter->slipped++;
    if (slip < 0) {
        return JITTER_LONGER;
    }
    for (uint32_t cell = 0; cell < FRAME_CELLS; cell++) {
        jitter_cell(jitter);
    }
    return JITTER_SHORTER;
}

CORE const uint8_t *jitter_cell(struct jitter *jitter)
{
    uint32_t cell = jitter->head;
    jitter->head = (cell + 1) & (CELLS - 1);
    jitter->play += CELL;
    uint32_t content = jitter->filled[cell];
    jitter->filled[cell] = CELL_EMPTY;
    jitter->covered = content == CELL_COVERED;
    return content == CELL_FILLED ? jitter->octets + cell * CELL : NULL;
}

CORE void jitter_played(struct jitter *jitter, int empty)
{
    if (!empty) {
        jitter->idle = 0;
        return;
    }
    jitter->idle++;
    if (jitter->idle >= IDLE_FRAMES && ahead(jitter->play, jitter->end) >= 0) {
        jitter_reset(jitter);
    }
}
