/* Acoustic echo, noise and level of a speakerphone: what the microphone hears of the loudspeaker is taken away.
 *
 * An adaptive filter of 80 ms in blocks of 10 ms (a partitioned block frequency domain filter, overlap-save) follows
 * the path from loudspeaker to microphone. Its step in each bin is that of a Kalman filter with one uncertainty a
 * bin, so it stands still while both talk. residual.c turns down what it leaves, what the room sends later and steady
 * noise, and fills in comfort noise; leveller.c brings speech to one level. The output is 10 ms behind the microphone.
 */

#ifndef BAKELITE_ECHO_H
#define BAKELITE_ECHO_H

#include "core.h"
#include "fft.h"

#define ECHO_PARTS 8      /* of the filter, a block each */
#define ECHO_DELAY_MAX 24 /* blocks */

/* Options of echo_start. */
#define ECHO_NOISE 1 /* turn steady noise down by 12 dB */
#define ECHO_LEVEL 2 /* bring speech to one level, and limit it */
#define ECHO_GAIN_SHIFT 8 /* behind these: steps of 6 dB by which who sends amplifies samples of 32 bits, 0 to 6 */

/* A row of logarithms (logs.h) for each of these, one a bin. Powers are of spectra whose samples are Q4. */
enum {
    ROW_FAR,       /* the loudspeaker's power over the filter's length, weighted as the parts are */
    ROW_ERROR,     /* power of what the filter leaves */
    ROW_UNCERTAIN, /* of the filter: power of what it leaves, relative to ROW_FAR */
    ROW_PATH,      /* of the path: power of the echo, relative to ROW_FAR */
    ROW_ECHO,      /* power of the estimated echo, with a room's decay */
    ROW_LEAK,      /* what is left of that, relative */
    ROW_LATE,      /* the same while the room decays */
    ROW_NOISE,
    ROW_SMOOTH, /* power, smoothed; its least of the last seconds, and since they began */
    ROW_LEAST,
    ROW_LEAST_NOW,
    ROW_PRIOR, /* what was let through, relative to what disturbs */
    ROW_DECAYS, /* of this block: whether the room decays; power; what disturbs;
                 * gain, and before that the shift of the gradient */
    ROW_POWER,
    ROW_DISTURBS,
    ROW_GAIN,
    ROW_COUNT
};

struct echo {
    uint32_t block; /* samples of 10 ms: 80 or 160 */
    uint32_t options;
    uint32_t delay;      /* blocks */
    uint32_t oldest_far; /* the block in the delay that comes next */
    uint32_t newest;     /* the part whose spectrum of the loudspeaker is the newest */
    uint32_t tidied;     /* the part that was last rid of what wraps around */
    uint32_t blocks;     /* since the search for the least power began again; at first, since the start */
    uint32_t settled;    /* whether the noise has been seen for some blocks */
    uint32_t dice;
    int32_t last_sample, high_passed;              /* of the filter against DC */
    int32_t error_energy, mic_energy, echo_energy; /* logarithms, over about 200 ms */
    int32_t speech;                                /* how surely somebody speaks here, Q15 */
    int32_t level, gain, multiplier;               /* leveller.c */
    int16_t exponents[ECHO_PARTS];                 /* of the loudspeaker's spectra */
    int32_t memory[];                              /* see echo_lay_out */
};

/* Where the parts of `memory` begin. */
struct echo_parts {
    int32_t *weights; /* ECHO_PARTS spectra, Q24 */
    int32_t *work, *spare;
    int16_t *loudspeaker; /* ECHO_PARTS spectra, Q4 / 2^exponent */
    int16_t *rows;
    int16_t *far, *error; /* the last two blocks of each */
    int16_t *estimate, *overlap;
    int16_t *delayed;
};

/* Octets of the state at 8000 or 16000 Hz; 0 for another rate, or too long a delay. */
CORE uint32_t echo_size(uint32_t rate, uint32_t delay);

/* `delay` in blocks: that much later than `far` of echo_cancel its echo begins, or a little more. */
CORE void echo_start(struct echo *echo, uint32_t rate, uint32_t options, uint32_t delay);

/* Take the echo of what the loudspeaker plays, `far`, out of `mic`, in place: `blocks` of 10 ms of each. */
CORE void echo_cancel(struct echo *echo, int16_t *mic, const int16_t *far, uint32_t blocks);

/* The same where the microphone's samples are left-justified in 32 bits: the 16 that matter after the gain. */
CORE void echo_cancel_wide(struct echo *echo, int32_t *mic, const int16_t *far, uint32_t blocks);

/* ---- of its parts ---- */

CORE void echo_lay_out(struct echo *echo, struct echo_parts *parts);

/* Of the last two blocks of parts->error: one block to be sent. */
CORE void echo_suppress(struct echo *echo, struct echo_parts *parts, int16_t *out);

/* Bring a block to the wanted level. */
CORE void echo_level(struct echo *echo, int16_t *samples);

static inline int16_t *echo_row(const struct echo *echo, const struct echo_parts *parts, uint32_t row)
{
    return parts->rows + row * (echo->block + 1);
}

#endif
