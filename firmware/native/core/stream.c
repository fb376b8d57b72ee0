/* What is played of a stream: out of the jitter buffer on to the line, made up where it is missing. */

#include "voice.h"

/* Decode `cells` that are there, to `place`. */
static void decode(struct stream *stream, int16_t *place, uint32_t cells)
{
    for (; cells; cells--, place += CELL) {
        const uint8_t *cell = jitter_cell(&stream->jitter);
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

/* `cells` that nothing came for, and nothing was to: the peer's background, or silence. */
static void be_quiet(struct stream *stream, uint32_t cells)
{
    for (uint32_t cell = 0; cell < cells; cell++) {
        jitter_cell(&stream->jitter);
    }
    if (stream->quiet) {
        plc_noise(&stream->plc, cells * CELL, stream->noise);
    } else {
        plc_rest(&stream->plc, cells * CELL);
    }
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
        decode(stream, plc_place(&stream->plc) + gap * CELL, beyond);
        plc_bridge(&stream->plc, gap * CELL, beyond * CELL);
        stream->concealed += stream->gap + stream->missed;
        stream->gap = stream->missed = 0;
        stream->came = 1;
        return;
    }
    gap = gap > PLC_GAP / CELL ? gap - PLC_GAP / CELL : gap;
    wanted = gap < wanted ? gap : wanted;
    skip(stream, wanted);
    plc_conceal(&stream->plc, wanted * CELL);
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
    stretch_work(&stream->stretch, plc, surplus);
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

CORE void stream_play(struct stream *stream, int16_t *frame)
{
    struct plc *plc = &stream->plc;
    if (!stream->jitter.anchored) {
        stream->playing = 0;
        stream->gap = 0;
        if (plc->pending < FRAME_SAMPLES) {
            uint32_t missing = FRAME_SAMPLES - plc->pending;
            if (stream->quiet) {
                plc_noise(plc, missing, stream->noise);
            } else {
                plc_rest(plc, missing);
            }
        }
        plc_output(plc, frame);
        return;
    }
    stream->came = stream->missed = 0;
    fill(stream, FRAME_SAMPLES);
    watch_losses(stream);
    if (stream->playing) {
        adjust(stream);
    }
    plc_output(plc, frame);
    stream->gap += stream->missed;
    jitter_played(&stream->jitter, !stream->came && plc->pending == 0);
}
