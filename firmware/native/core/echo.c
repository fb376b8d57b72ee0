#include "echo.h"

#include "logs.h"

#define WEIGHT_MAX (1 << 26) /* 4, Q24 */
#define FAR_FADE (-82)       /* the parts' weight falls by 2 in 3 blocks */
#define ROOM_FADE (-82)      /* of the echo in a block: a room that fades by 60 dB in 0.6 s */
#define FAR_FLOOR 4600       /* log power of a faint far end, where nothing is learnt */
#define FAR_HEARD 6300       /* of one that tells something of the path */
#define ERROR_FLOOR 3748
#define UNCERTAIN_MIN (-5953)
#define LEAK_SHARE (-445)     /* so much of what leaks is the filter's, at least: 0.3 */
#define PATH_WANDERS (-2890) /* uncertainty that comes with each block, relative to the path */
#define LOUD 3146            /* log energy of a block that is heard: rms 63 */

static inline int32_t at_most(int32_t value, int32_t limit)
{
    return value > limit ? limit : value < -limit ? -limit : value;
}

static uint32_t counted_memory(uint32_t block, uint32_t delay)
{
    uint32_t bins = block + 1;
    uint32_t words = ECHO_PARTS * bins * 2 + 2 * FFT_PLACES(block);
    uint32_t halves = ECHO_PARTS * bins * 2 + ROW_COUNT * bins + 6 * block + delay * block;
    return words + (halves + 1) / 2;
}

CORE void echo_lay_out(struct echo *echo, struct echo_parts *parts)
{
    uint32_t block = echo->block, bins = block + 1;
    parts->weights = echo->memory;
    parts->work = parts->weights + ECHO_PARTS * bins * 2;
    parts->spare = parts->work + FFT_PLACES(block);
    parts->loudspeaker = (int16_t *)(void *)(parts->spare + FFT_PLACES(block));
    parts->rows = parts->loudspeaker + ECHO_PARTS * bins * 2;
    parts->far = parts->rows + ROW_COUNT * bins;
    parts->error = parts->far + 2 * block;
    parts->estimate = parts->error + 2 * block;
    parts->overlap = parts->estimate + block;
    parts->delayed = parts->overlap + block;
}

CORE uint32_t echo_size(uint32_t rate, uint32_t delay)
{
    if ((rate != 8000 && rate != 16000) || delay > ECHO_DELAY_MAX) {
        return 0;
    }
    return sizeof(struct echo) + 4 * counted_memory(rate / 100, delay);
}

static void fill(int16_t *row, uint32_t bins, int32_t value)
{
    while (bins--) {
        *row++ = (int16_t)value;
    }
}

CORE void echo_start(struct echo *echo, uint32_t rate, uint32_t options, uint32_t delay)
{
    struct echo_parts parts;
    clear_octets(echo, echo_size(rate, delay));
    echo->block = rate / 100;
    echo->options = options;
    echo->delay = delay;
    echo->dice = 1;
    echo->speech = 32767;
    echo->multiplier = 4096;
    echo->error_energy = echo->mic_energy = echo->echo_energy = LOG_NOTHING;
    echo_lay_out(echo, &parts);
    for (uint32_t row = 0; row < ROW_COUNT; row++) {
        int32_t value = row == ROW_UNCERTAIN                                 ? 0
                        : row == ROW_LEAK || row == ROW_LATE                 ? -256
                        : row == ROW_PATH                                    ? OF_10
                        : row == ROW_LEAST || row == ROW_LEAST_NOW           ? 16000
                                                                             : LOG_NOTHING;
        fill(echo_row(echo, &parts, row), echo->block + 1, value);
    }
}

/* The block that was played `delay` blocks ago, behind the one before it in parts->far. */
static void take_far(struct echo *echo, struct echo_parts *parts, const int16_t *far)
{
    uint32_t block = echo->block;
    copy_samples(parts->far, parts->far + block, block);
    if (echo->delay == 0) {
        copy_samples(parts->far + block, far, block);
        return;
    }
    int16_t *place = parts->delayed + echo->oldest_far * block;
    copy_samples(parts->far + block, place, block);
    copy_samples(place, far, block);
    echo->oldest_far = (echo->oldest_far + 1) % echo->delay;
}

/* The loudspeaker's newest spectrum in 16 bits, and its power. */
static void follow_far(struct echo *echo, struct echo_parts *parts)
{
    uint32_t bins = echo->block + 1, all = 0;
    int32_t *work = parts->work;
    for (uint32_t at = 0; at < 2 * echo->block; at++) {
        work[at] = parts->far[at] * 16;
    }
    fft_forward(work, parts->spare, echo->block);
    for (uint32_t at = 0; at < 2 * bins; at++) {
        all |= (uint32_t)(work[at] ^ work[at] >> 31);
    }
    uint32_t bits = bit_length(all), down = bits > 15 ? bits - 15 : 0;
    echo->newest = (echo->newest + ECHO_PARTS - 1) % ECHO_PARTS;
    echo->exponents[echo->newest] = (int16_t)down;
    int16_t *kept = parts->loudspeaker + echo->newest * bins * 2, *row = echo_row(echo, parts, ROW_FAR);
    for (uint32_t bin = 0; bin < bins; bin++) {
        int32_t re = work[2 * bin] >> down, im = work[2 * bin + 1] >> down;
        kept[2 * bin] = (int16_t)re;
        kept[2 * bin + 1] = (int16_t)im;
        int32_t power = log_of((uint32_t)(re * re) + (uint32_t)(im * im)) + (int32_t)down * 512;
        row[bin] = (int16_t)log_add(row[bin] + FAR_FADE, power);
    }
}

/* The echo as the filter expects it: its spectrum, Q2, to parts->work. */
static void filter(const struct echo *echo, struct echo_parts *parts)
{
    uint32_t places = (echo->block + 1) * 2;
    int32_t *work = parts->work;
    for (uint32_t at = 0; at < places; at++) {
        work[at] = 0;
    }
    for (uint32_t part = 0; part < ECHO_PARTS; part++) {
        uint32_t place = (echo->newest + part) % ECHO_PARTS;
        const int32_t *weight = parts->weights + part * places;
        const int16_t *x = parts->loudspeaker + place * places;
        int32_t down = 10 - echo->exponents[place], up = 1;
        if (down < 0) {
            up = 1 << -down;
            down = 0;
        }
        for (uint32_t at = 0; at < places; at += 2) {
            int32_t re = half_product(weight[at], x[at]) - half_product(weight[at + 1], x[at + 1]);
            int32_t im = half_product(weight[at], x[at + 1]) + half_product(weight[at + 1], x[at]);
            work[at] += (re >> down) * up;
            work[at + 1] += (im >> down) * up;
        }
    }
    for (uint32_t at = 0; at < places; at++) {
        work[at] = at_most(work[at], FFT_PART_MAX);
    }
}

/* How much of the loudspeaker's power comes back, in each bin where it plays; and the echo's power, which fades no
 * faster than a room, and whether the room is what is heard of it. */
static void follow_path(const struct echo *echo, struct echo_parts *parts)
{
    uint32_t bins = echo->block + 1;
    for (uint32_t bin = 0; bin < bins; bin++) {
        int16_t *row = parts->rows + bin;
        int32_t power = log_power(parts->work[2 * bin], parts->work[2 * bin + 1]) + 1024;
        int32_t far = row[ROW_FAR * bins], faded = row[ROW_ECHO * bins] + ROOM_FADE;
        if (far > FAR_HEARD) {
            row[ROW_PATH * bins] = (int16_t)log_add(row[ROW_PATH * bins] + OF_90, power - far + OF_10);
        }
        power -= 256; /* as through the window of residual.c */
        row[ROW_DECAYS * bins] = faded > power + 256;
        faded = faded > LOG_NOTHING ? faded : LOG_NOTHING;
        row[ROW_ECHO * bins] = (int16_t)(power > faded ? power : faded);
    }
}

static int32_t energy(const int16_t *samples, uint32_t count)
{
    uint32_t sum = 0;
    while (count--) {
        sum += (uint32_t)(*samples * *samples) >> 6;
        samples++;
    }
    return log_of(sum);
}

/* The filter makes the sound louder: the path has changed, so the filter starts again, or learns as at first. */
static void watch_path(struct echo *echo, struct echo_parts *parts, const int16_t *mic)
{
    uint32_t block = echo->block, bins = block + 1;
    int16_t *error = parts->error + block, *estimate = parts->estimate;
    int16_t *uncertain = echo_row(echo, parts, ROW_UNCERTAIN), *path = echo_row(echo, parts, ROW_PATH);
    int16_t *leak = echo_row(echo, parts, ROW_LEAK), *late = echo_row(echo, parts, ROW_LATE);
    echo->error_energy = log_add(echo->error_energy + OF_95, energy(error, block));
    echo->mic_energy = log_add(echo->mic_energy + OF_95, energy(mic, block));
    echo->echo_energy = log_add(echo->echo_energy + OF_95, energy(estimate, block));
    if (echo->error_energy > log_add(echo->mic_energy + 256, LOUD)) {
        for (uint32_t at = 0; at < ECHO_PARTS * bins * 2; at++) {
            parts->weights[at] = 0;
        }
        fill(uncertain, bins, 0);
        copy_samples(error, mic, block);
        fill(estimate, block, 0);
        echo->error_energy = echo->mic_energy;
    }
    if (echo->error_energy > LOUD && echo->error_energy > echo->mic_energy - 39
        && echo->echo_energy > echo->mic_energy - 512) {
        for (uint32_t bin = 0; bin < bins; bin++) {
            uncertain[bin] = uncertain[bin] > path[bin] ? uncertain[bin] : path[bin];
            leak[bin] = leak[bin] > -256 ? leak[bin] : -256;
            late[bin] = late[bin] > -256 ? late[bin] : -256;
        }
    }
}

/* The logarithm of the step in a bin: Kalman's gain, without the loudspeaker's spectrum in it. */
static inline int32_t step(const struct echo *echo, int16_t *row, int32_t power)
{
    uint32_t bins = echo->block + 1;
    int32_t far = row[ROW_FAR * bins], path = row[ROW_PATH * bins], uncertain = row[ROW_UNCERTAIN * bins];
    int32_t smooth = log_add(row[ROW_ERROR * bins] + OF_60, power + 256 + OF_40);
    int32_t left = uncertain + far, heard = log_add(smooth > power ? smooth : power, ERROR_FLOOR);
    int32_t share = left > heard ? 0 : left - heard, least = path + row[ROW_LEAK * bins] + LEAK_SHARE;
    uncertain -= 37 * (int32_t)log_value(share + 15 * 256) >> 15;
    uncertain = log_add(uncertain, path + PATH_WANDERS);
    uncertain = uncertain > least ? uncertain : least;
    uncertain = uncertain > UNCERTAIN_MIN ? uncertain : UNCERTAIN_MIN;
    row[ROW_UNCERTAIN * bins] = (int16_t)(uncertain > 0 ? 0 : uncertain);
    row[ROW_ERROR * bins] = (int16_t)smooth;
    return share - log_add(far, FAR_FLOOR);
}

/* e * 2^log in place, as large as it can be, and how far its products are to be shifted up: the gradient of a bin. */
static inline int32_t scale(int32_t *bin, int32_t log)
{
    uint32_t bits = bit_length((uint32_t)(bin[0] ^ bin[0] >> 31) | (uint32_t)(bin[1] ^ bin[1] >> 31));
    int32_t room = 30 - (int32_t)bits, mantissa = (int32_t)(log_mantissa(log) >> 1);
    bin[0] = half_product(bin[0] * (1 << room), mantissa);
    bin[1] = half_product(bin[1] * (1 << room), mantissa);
    return 42 - room + (log >> 8);
}

/* Move the weights of a part along conj(x) * gradient. */
static void learn_part(const struct echo *echo, struct echo_parts *parts, uint32_t part)
{
    uint32_t bins = echo->block + 1, place = (echo->newest + part) % ECHO_PARTS;
    const int16_t *x = parts->loudspeaker + place * bins * 2, *ups = echo_row(echo, parts, ROW_GAIN);
    const int32_t *gradient = parts->work;
    int32_t *weight = parts->weights + part * bins * 2, more = echo->exponents[place] - (int32_t)(part / 3);
    for (uint32_t bin = 0; bin < bins; bin++, x += 2, gradient += 2, weight += 2) {
        int32_t re = half_product(gradient[0], x[0]) + half_product(gradient[1], x[1]);
        int32_t im = half_product(gradient[1], x[0]) - half_product(gradient[0], x[1]);
        int32_t up = ups[bin] + more;
        if (up <= 0) {
            up = up < -31 ? 31 : -up;
            re >>= up;
            im >>= up;
        } else {
            up = up > 20 ? 20 : up;
            re = at_most(re, WEIGHT_MAX >> up) * (1 << up);
            im = at_most(im, WEIGHT_MAX >> up) * (1 << up);
        }
        weight[0] = at_most(weight[0] + re, WEIGHT_MAX);
        weight[1] = at_most(weight[1] + im, WEIGHT_MAX);
    }
}

static void learn(struct echo *echo, struct echo_parts *parts)
{
    uint32_t block = echo->block;
    int16_t *ups = echo_row(echo, parts, ROW_GAIN);
    for (uint32_t at = 0; at < block; at++) {
        parts->work[at] = 0;
        parts->work[block + at] = parts->error[block + at] * 16;
    }
    fft_forward(parts->work, parts->spare, block);
    for (uint32_t bin = 0; bin <= block; bin++) {
        int32_t *error = parts->work + 2 * bin;
        ups[bin] = (int16_t)scale(error, step(echo, parts->rows + bin, log_power(error[0], error[1])));
    }
    for (uint32_t part = 0; part < ECHO_PARTS; part++) {
        learn_part(echo, parts, part);
    }
}

/* A part's second half would wrap around: it is taken out of one part in every other block. */
static void tidy(struct echo *echo, struct echo_parts *parts)
{
    uint32_t block = echo->block, places = (block + 1) * 2;
    echo->tidied = (echo->tidied + 1) % ECHO_PARTS;
    int32_t *weight = parts->weights + echo->tidied * places, *work = parts->work;
    for (uint32_t at = 0; at < places; at++) {
        work[at] = weight[at];
    }
    fft_inverse(work, parts->spare, block);
    for (uint32_t at = block; at < 2 * block; at++) {
        work[at] = 0;
    }
    fft_forward(work, parts->spare, block);
    for (uint32_t at = 0; at < places; at++) {
        weight[at] = at_most(work[at], WEIGHT_MAX);
    }
}

/* The microphone without its DC, to the place where what the filter leaves will be. */
static void pass_high(struct echo *echo, int16_t *mic)
{
    uint32_t fade = echo->block == 80 ? 6 : 7;
    for (uint32_t at = 0; at < echo->block; at++) {
        echo->high_passed += (mic[at] - echo->last_sample) * 256 - (echo->high_passed >> fade);
        echo->last_sample = mic[at];
        mic[at] = saturate(echo->high_passed >> 8);
    }
}

static void cancel_block(struct echo *echo, struct echo_parts *parts, int16_t *mic, const int16_t *far)
{
    uint32_t block = echo->block;
    int16_t *error = parts->error + block, *estimate = parts->estimate;
    take_far(echo, parts, far);
    pass_high(echo, mic);
    follow_far(echo, parts);
    filter(echo, parts);
    follow_path(echo, parts);
    fft_inverse(parts->work, parts->spare, block);
    copy_samples(parts->error, error, block);
    for (uint32_t at = 0; at < block; at++) {
        estimate[at] = saturate((parts->work[block + at] + 2) >> 2);
        error[at] = saturate(mic[at] - estimate[at]);
    }
    watch_path(echo, parts, mic);
    learn(echo, parts);
    echo_suppress(echo, parts, mic);
    if (echo->options & ECHO_LEVEL) {
        echo_level(echo, mic);
    }
}

CORE void echo_cancel(struct echo *echo, int16_t *mic, const int16_t *far, uint32_t blocks)
{
    struct echo_parts parts;
    echo_lay_out(echo, &parts);
    for (; blocks; blocks--, mic += echo->block, far += echo->block) {
        cancel_block(echo, &parts, mic, far);
        if (blocks % 2 == 0) {
            tidy(echo, &parts);
        }
    }
}

CORE void echo_cancel_wide(struct echo *echo, int32_t *mic, const int16_t *far, uint32_t blocks)
{
    uint32_t down = 16 - (echo->options >> ECHO_GAIN_SHIFT & 7), block = echo->block;
    int16_t narrow[2 * FFT_MAX];
    while (blocks) {
        uint32_t some = blocks < 2 ? blocks : 2;
        for (uint32_t at = 0; at < some * block; at++) {
            narrow[at] = saturate(mic[at] >> down);
        }
        echo_cancel(echo, narrow, far, some);
        for (uint32_t at = 0; at < some * block; at++) {
            mic[at] = narrow[at] * (1 << down);
        }
        mic += some * block;
        far += some * block;
        blocks -= some;
    }
}
