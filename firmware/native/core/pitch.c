#include "pitch.h"

#define COARSE_LAGS 2    /* lags apart in the first search */
#define COARSE_SAMPLES 4 /* samples apart in it */
#define FINE_SAMPLES 1
#define LEVEL_STRIDE 4

static uint32_t difference(const int16_t *late, uint32_t lag, uint32_t window, uint32_t stride)
{
    uint32_t sum = 0;
    const int16_t *end = late + window;
    for (const int16_t *early = late - lag; late < end; late += stride, early += stride) {
        int32_t apart = *late - *early;
        sum += (uint32_t)(apart < 0 ? -apart : apart);
    }
    return sum;
}

/* The lag of least difference, the first where several are; `forward`, to what follows the window. */
static uint32_t search(const int16_t *from, uint32_t first, uint32_t last, uint32_t step, uint32_t window,
                       uint32_t stride, uint32_t forward)
{
    uint32_t best = first;
    uint32_t least = 0xFFFFFFFFu;
    for (uint32_t lag = first; lag <= last; lag += step) {
        uint32_t sum = difference(forward ? from + lag : from, lag, window, stride);
        if (sum < least) {
            least = sum;
            best = lag;
        }
    }
    return best;
}

static uint32_t find(const int16_t *from, uint32_t least, uint32_t most, uint32_t window, uint32_t forward)
{
    uint32_t lag = search(from, least, most, COARSE_LAGS, window, COARSE_SAMPLES, forward);
    uint32_t first = lag > least ? lag - 1 : lag;
    return search(from, first, lag < most ? lag + 1 : lag, 1, window, FINE_SAMPLES, forward);
}

CORE uint32_t pitch_find(const int16_t *from, uint32_t least, uint32_t most)
{
    return find(from, least, most, PITCH_WINDOW, 0);
}

CORE uint32_t pitch_find_ahead(const int16_t *from)
{
    return find(from, PITCH_MIN, PITCH_MAX, PITCH_SHORT_WINDOW, 1);
}

CORE uint32_t pitch_level(const int16_t *from, uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t index = 0; index < count; index += LEVEL_STRIDE) {
        sum += (uint32_t)(from[index] < 0 ? -from[index] : from[index]);
    }
    return sum * LEVEL_STRIDE / count;
}

CORE uint32_t pitch_unlikeness(const int16_t *from, uint32_t lag)
{
    uint32_t level = pitch_level(from, PITCH_WINDOW) * (PITCH_WINDOW / 12);
    return difference(from, lag, PITCH_WINDOW, FINE_SAMPLES) / (level + 1);
}
