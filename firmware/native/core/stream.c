/* What is played of a stream: out of the jitter buffer on to the line, made up where it is missing. */

#include "voice.h"

/* Decode `cells` that are there, to `place`. */
static void decode(struct stream *stream, int16_t *place, uint32_t cells)
{
    for (; cells; cells--, place += CELL) {
        const uint8_t *cell = jitter_cell(&stream->jitter);
#if WIDE
        int16_t *above = stream->upper.samples + (place - stream->plc.samples);
        if (stream->g711.received == CODEC_G722) {
            g722_restore(&stream->decoder, place, above, cell, CELL);
            continue;
        }
        clear_octets(above, CELL * sizeof *above);
#endif
        for (uint32_t octet = 0; octet < CELL; octet++) {
            place[octet] = stream->g711.expansion[cell[octet]];
        }
    }
}

static void take_cells(struct stream *stream, uint32_t cells)
{
    if (stream->quiet && ahead(stream->jitter.play, stream->quiet_from) > 0) {
        stream->quiet = 0;
    }
    decode(stream, plc_place(&stream->plc), cells);
    plc_take(&stream->plc, cells * CELL);
    UPPER(plc_take(&stream->upper, cells * CELL));
    stream->concealed += stream->gap;
    stream->gap = 0;
    stream->playing = 1;
    stream->came = 1;
}

static void skip(struct stream *stream, uint32_t cells)
{
    for (; cells; cells--) {
        jitter_cell(&stream->jitter);
        stream->missed = stream->missed || !stream->jitter.covered;
    }
}

static void conceal(struct stream *stream, uint32_t cells)
{
    plc_conceal(&stream->plc, cells * CELL, &stream->plc);
    UPPER(plc_conceal(&stream->upper, cells * CELL, &stream->plc));
}

/* `samples` of the peer's background, or of silence. */
static void fill_pause(struct stream *stream, uint32_t samples)
{
    if (stream->quiet) {
        plc_noise(&stream->plc, samples, stream->noise);
    } else {
        plc_rest(&stream->plc, samples);
    }
    UPPER(plc_rest(&stream->upper, samples));
}

/* `cells` that nothing came for, and nothing was to: the peer's background, or silence. */
static void be_quiet(struct stream *stream, uint32_t cells)
{
    for (uint32_t cell = 0; cell < cells; cell++) {
        jitter_cell(&stream->jitter);
    }
    fill_pause(stream, cells * CELL);
}

/* Join `gap` cells that were made up to the `beyond` after them. */
static void bridge(struct stream *stream, uint32_t gap, uint32_t beyond)
{
    int16_t *place = plc_place(&stream->plc);
    decode(stream, place, beyond);
    uint32_t lag = beyond * CELL >= PITCH_SHORT_WINDOW + PITCH_MAX ? pitch_find_ahead(place) : 0;
    plc_bridge(&stream->plc, gap * CELL, beyond * CELL, lag);
    UPPER(plc_bridge(&stream->upper, gap * CELL, beyond * CELL, lag));
}

/* Make up `wanted` cells or less: up to the far side of the gap where that is near, and known. */
static void make_up(struct stream *stream, uint32_t wanted)
{
    uint32_t gap = jitter_gap(&stream->jitter, CELLS);
    if (stream->quiet && ahead(stream->jitter.play, stream->quiet_from) >= 0) {
        be_quiet(stream, gap < wanted ? gap : wanted);
        return;
    }
    uint32_t beyond = jitter_run(&stream->jitter, gap, PLC_BEYOND / CELL);
    int lost = stream->source.skipped != stream->skipped;
    if (lost && gap <= PLC_GAP / CELL && beyond) {
        skip(stream, gap);
        conceal(stream, gap);
        bridge(stream, gap, beyond);
        stream->concealed += stream->gap + stream->missed;
        stream->gap = stream->missed = 0;
        stream->came = 1;
        return;
    }
    gap = gap > PLC_GAP / CELL ? gap - PLC_GAP / CELL : gap;
    wanted = gap < wanted ? gap : wanted;
    skip(stream, wanted);
    conceal(stream, wanted);
}

/* See that `samples` are there to be played. */
static void fill(struct stream *stream, uint32_t samples)
{
    while (stream->plc.pending < samples) {
        uint32_t wanted = (samples - stream->plc.pending + CELL - 1) / CELL;
        uint32_t run = jitter_run(&stream->jitter, 0, wanted);
        if (run) {
            take_cells(stream, run);
        } else if (stream->playing) {
            make_up(stream, wanted);
        } else {
            be_quiet(stream, 1);
        }
    }
}

/* Move the time line to where it should be, as far as this frame is a place for it. */
static void adjust(struct stream *stream)
{
    struct plc *plc = &stream->plc;
    int32_t surplus = jitter_surplus(&stream->jitter) + (int32_t)plc->pending;
    stretch_hear(&stream->stretch, plc);
    if (plc->missing || plc->pending > STRETCH_AHEAD || !stretch_wants(&stream->stretch, surplus)) {
        return;
    }
    if (surplus > 0) {
        uint32_t ahead = (STRETCH_AHEAD - plc->pending + CELL - 1) / CELL;
        if (jitter_run(&stream->jitter, 0, ahead) < ahead) {
            return;
        }
        take_cells(stream, ahead);
    }
    uint32_t lag = stretch_choose(&stream->stretch, plc, surplus);
    if (lag) {
        stretch_by(plc, surplus, lag);
        UPPER(stretch_by(&stream->upper, surplus, lag));
    }
}

/* A gap in what is played is a loss where sequence numbers are missing, else a pause of the peer's. */
static void watch_losses(struct stream *stream)
{
    uint32_t gaps = stream->jitter.gaps;
    uint32_t skipped = stream->source.skipped;
    if (gaps != stream->gaps && skipped != stream->skipped) {
        delay_lost(&stream->jitter.delay);
        stream->skipped = skipped;
    }
    stream->gaps = gaps;
}

static void output(struct stream *stream, int16_t *frame)
{
    plc_output(&stream->plc, frame);
    UPPER(plc_output(&stream->upper, stream->above));
}

CORE void stream_play(struct stream *stream, int16_t *frame)
{
    struct plc *plc = &stream->plc;
    if (!stream->jitter.anchored) {
        stream->playing = 0;
        stream->gap = 0;
        if (plc->pending < FRAME_SAMPLES) {
            fill_pause(stream, FRAME_SAMPLES - plc->pending);
        }
        output(stream, frame);
        return;
    }
    stream->came = stream->missed = 0;
    fill(stream, FRAME_SAMPLES);
    watch_losses(stream);
    if (stream->playing) {
        adjust(stream);
    }
    output(stream, frame);
    stream->gap += stream->missed;
    jitter_played(&stream->jitter, !stream->came && plc->pending == 0);
}

#if WIDE
CORE void stream_widen(struct stream *stream, uint32_t law)
{
    if (law == CODEC_G722 && stream->g711.law != law) {
        g722_start(&stream->encoder);
    }
    if (law == CODEC_G722 && stream->g711.received != law) {
        g722_start(&stream->decoder);
    }
    if (stream->upper.pending != stream->plc.pending) {
        stream->upper.pending = stream->plc.pending;
        stream->upper.missing = stream->upper.merge = 0;
        stream->plc.missing = stream->plc.merge = 0;
    }
}
#endif
