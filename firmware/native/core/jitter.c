#include "jitter.h"

/* Packets outside the ring in a row before the time line is anchored again: late ones weigh 1, far ones 4. */
#define STRAYS_MAX 8
#define STRAY_LATE 1
#define STRAY_FAR 4

#define IDLE_FRAMES 25   /* after half a second of nothing, the stream is at rest */
#define LOSS_MAX 960     /* samples: what is missing longer is a pause of the peer's */
#define FAR (RING * 128) /* samples: 65 s; beyond, a timestamp says nothing */

CORE void jitter_start(struct jitter *jitter, uint32_t floor, uint32_t ceiling)
{
    clear_octets(jitter, sizeof *jitter);
    delay_start(&jitter->delay, floor, ceiling);
}

CORE void jitter_reset(struct jitter *jitter)
{
    clear_octets(jitter->filled, CELLS);
    jitter->anchored = 0;
    jitter->strays = 0;
    jitter->idle = 0;
    jitter->dry = 0;
    jitter->lost = 0;
    delay_anchor(&jitter->delay);
}

static void anchor(struct jitter *jitter, uint32_t timestamp)
{
    jitter_reset(jitter);
    jitter->anchored = 1;
    jitter->play = timestamp - (jitter->delay.target & -(uint32_t)CELL);
    jitter->clock = jitter->play;
    jitter->end = timestamp;
}

CORE int32_t jitter_surplus(const struct jitter *jitter)
{
    return jitter->delay.base + ahead(jitter->clock, jitter->play) - (int32_t)jitter->delay.target;
}

/* Whether a packet that is `late` samples too late can still be played: nothing was since, and it is worth it. */
static int waits(const struct jitter *jitter, int32_t late)
{
    int32_t depth = jitter->delay.base + ahead(jitter->clock, jitter->play) + late;
    return (uint32_t)late <= jitter->dry && depth <= (int32_t)jitter->delay.ceiling
           && ahead(jitter->end, jitter->play) + late <= RING;
}

static void turn_back(struct jitter *jitter, int32_t late)
{
    jitter->play -= (uint32_t)late;
    jitter->head = (jitter->head - (uint32_t)late / CELL) & (CELLS - 1);
    jitter->dry -= (uint32_t)late;
    jitter->lost = jitter->lost > (uint32_t)late ? jitter->lost - (uint32_t)late : 0;
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

/* A packet outside the ring: whether it and those before it are a new time line. */
static int is_confirmed(struct jitter *jitter, uint32_t timestamp, int32_t lead, int32_t samples)
{
    int32_t apart = ahead(timestamp, jitter->stray);
    int is_far = lead < -RING || lead > RING - samples;
    if (apart < -RING || apart > RING) {
        jitter->strays = 0; /* no time line that another packet confirms */
    }
    jitter->stray = timestamp;
    jitter->strays += is_far ? STRAY_FAR : STRAY_LATE;
    if (jitter->strays >= STRAYS_MAX) {
        return 1;
    }
    if (!is_far) {
        delay_note(&jitter->delay, ahead(timestamp, jitter->clock), (uint32_t)samples);
    }
    return 0;
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
    int32_t samples = (int32_t)(cells * CELL);
    if (lead < 0 && lead >= -RING && waits(jitter, -lead)) {
        turn_back(jitter, -lead);
        lead = 0;
    }
    if (lead <= -samples || lead > RING - samples) {
        if (!is_confirmed(jitter, timestamp, lead, samples)) {
            return lead > 0 ? JITTER_OVERFLOW : JITTER_LATE;
        }
        anchor(jitter, timestamp);
        jitter->resynced++;
        lead = ahead(timestamp, jitter->play) & -CELL;
    }
    jitter->strays = 0;
    delay_note(&jitter->delay, ahead(timestamp, jitter->clock), (uint32_t)samples);
    uint32_t last = jitter->play + (uint32_t)(lead + samples);
    if (ahead(last, jitter->end) > 0) {
        jitter->end = last;
    }
    return store(jitter, lead, payload, cells);
}

CORE void jitter_cover(struct jitter *jitter, uint32_t timestamp, uint32_t samples)
{
    int32_t lead = ahead(timestamp, jitter->play);
    if (!jitter->anchored || lead < -FAR || lead > RING) {
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

CORE uint32_t jitter_run(const struct jitter *jitter, uint32_t first, uint32_t most)
{
    uint32_t cells = 0;
    while (cells < most && jitter->filled[(jitter->head + first + cells) & (CELLS - 1)] == CELL_FILLED) {
        cells++;
    }
    return cells;
}

CORE uint32_t jitter_gap(const struct jitter *jitter, uint32_t most)
{
    uint32_t cells = 0;
    while (cells < most && jitter->filled[(jitter->head + cells) & (CELLS - 1)] != CELL_FILLED) {
        cells++;
    }
    return cells;
}

CORE const uint8_t *jitter_cell(struct jitter *jitter)
{
    uint32_t cell = jitter->head;
    jitter->head = (cell + 1) & (CELLS - 1);
    jitter->play += CELL;
    uint32_t content = jitter->filled[cell];
    jitter->filled[cell] = CELL_EMPTY;
    jitter->covered = content == CELL_COVERED;
    if (content != CELL_FILLED) {
        jitter->dry += jitter->dry < RING ? CELL : 0;
        jitter->lost += jitter->covered ? 0 : CELL;
        return NULL;
    }
    if (jitter->lost) {
        jitter->gaps += jitter->lost <= LOSS_MAX;
        jitter->lost = 0;
    }
    jitter->dry = 0;
    return jitter->octets + cell * CELL;
}

CORE void jitter_played(struct jitter *jitter, int empty)
{
    jitter->clock += FRAME_SAMPLES;
    if (!empty) {
        jitter->idle = 0;
        return;
    }
    jitter->idle++;
    if (jitter->idle >= IDLE_FRAMES && ahead(jitter->play, jitter->end) >= 0) {
        jitter_reset(jitter);
    }
}
