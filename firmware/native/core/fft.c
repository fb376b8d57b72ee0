#include "fft.h"

/* A quarter of the sine, Q15; steps of the angle, as FFT_TURN counts them, to a right one. */
#define RIGHT (FFT_TURN / 4)
static const int16_t QUARTER[RIGHT + 1] = {
    0, 643, 1286, 1929, 2571, 3212, 3851, 4489, 5126, 5760, 6393, 7022, 7649, 8273, 8894, 9512, 10126, 10735,
    11341, 11943, 12539, 13131, 13718, 14300, 14876, 15446, 16011, 16569, 17121, 17666, 18204, 18736, 19260,
    19777, 20286, 20787, 21280, 21766, 22242, 22710, 23170, 23620, 24062, 24494, 24916, 25329, 25732, 26126,
    26509, 26882, 27245, 27597, 27938, 28269, 28589, 28898, 29196, 29482, 29757, 30021, 30273, 30513, 30742,
    30958, 31163, 31356, 31537, 31705, 31862, 32006, 32137, 32257, 32364, 32458, 32540, 32609, 32666, 32710,
    32742, 32761, 32767,
};

/* cos 72, cos 144, sin 72 and sin 144 degrees, Q15 */
#define COS_1 10126
#define COS_2 (-26510)
#define SIN_1 31164
#define SIN_2 19261

/* What is left of 1/n after the stages' shifts: 64/80 or 128/160, Q15. */
#define REST 26214

struct complex {
    int32_t re, im;
};

CORE int32_t fft_slope(uint32_t at, uint32_t n)
{
    return n == RIGHT ? QUARTER[at] : (QUARTER[at / 2] + QUARTER[(at + 1) / 2]) / 2;
}

static inline struct complex add(struct complex a, struct complex b)
{
    return (struct complex){ a.re + b.re, a.im + b.im };
}

static inline struct complex subtract(struct complex a, struct complex b)
{
    return (struct complex){ a.re - b.re, a.im - b.im };
}

/* a * -i */
static inline struct complex quarter_back(struct complex a)
{
    return (struct complex){ a.im, -a.re };
}

/* The sum of two products with coefficients of Q15. */
static inline struct complex weigh(struct complex a, int32_t by, struct complex b, int32_t weight)
{
    return (struct complex){ (half_product(a.re, by) + half_product(b.re, weight)) * 2,
                             (half_product(a.im, by) + half_product(b.im, weight)) * 2 };
}

struct angle {
    int32_t cosine, sine;
};

static inline struct angle angle_of(uint32_t steps)
{
    int32_t sine = QUARTER[steps % RIGHT], cosine = QUARTER[RIGHT - steps % RIGHT];
    switch (steps / RIGHT) {
    case 0:
        return (struct angle){ cosine, sine };
    case 1:
        return (struct angle){ -sine, cosine };
    case 2:
        return (struct angle){ -cosine, -sine };
    default:
        return (struct angle){ sine, -cosine };
    }
}

/* a, turned back by an angle. */
static inline struct complex turn_by(struct complex a, struct angle by)
{
    return (struct complex){ (half_product(a.re, by.cosine) + half_product(a.im, by.sine)) * 2,
                             (half_product(a.im, by.cosine) - half_product(a.re, by.sine)) * 2 };
}

static inline struct complex turn(struct complex a, uint32_t steps)
{
    return steps ? turn_by(a, angle_of(steps)) : a;
}

static inline struct complex shifted(struct complex a, uint32_t down)
{
    return (struct complex){ a.re >> down, a.im >> down };
}

/* The stages are in Stockham's order, which needs no sorting: `stride` transforms of `length` points each. What is read
 * is shifted down first, so that sums cannot overflow; `step` is the angle of one point. */

static void stage_5(struct complex *to, const struct complex *from, uint32_t length, uint32_t down)
{
    uint32_t part = length / 5, step = FFT_TURN / length;
    for (uint32_t p = 0; p < part; p++, from++, to += 5) {
        struct complex middle = shifted(from[0], down);
        struct complex a = shifted(from[part], down), b = shifted(from[2 * part], down);
        struct complex c = shifted(from[3 * part], down), d = shifted(from[4 * part], down);
        struct complex outer = add(a, d), inner = add(b, c), across = subtract(a, d), within = subtract(b, c);
        struct complex first = add(middle, weigh(outer, COS_1, inner, COS_2));
        struct complex second = add(middle, weigh(outer, COS_2, inner, COS_1));
        struct complex left = quarter_back(weigh(across, SIN_1, within, SIN_2));
        struct complex right = quarter_back(weigh(across, SIN_2, within, -SIN_1));
        uint32_t angle = p * step;
        to[0] = add(middle, add(outer, inner));
        to[1] = turn(add(first, left), angle);
        to[2] = turn(add(second, right), 2 * angle);
        to[3] = turn(subtract(second, right), 3 * angle);
        to[4] = turn(subtract(first, left), 4 * angle);
    }
}

static void stage_4(struct complex *to, const struct complex *from, uint32_t length, uint32_t stride, uint32_t down)
{
    uint32_t part = length / 4, apart = stride * part, step = FFT_TURN / length;
    for (uint32_t p = 0; p < part; p++, to += 3 * stride) {
        struct angle once = angle_of(p * step), twice = angle_of(2 * p * step), thrice = angle_of(3 * p * step);
        for (uint32_t q = 0; q < stride; q++, from++, to++) {
            struct complex a = shifted(from[0], down), b = shifted(from[apart], down);
            struct complex c = shifted(from[2 * apart], down), d = shifted(from[3 * apart], down);
            struct complex even = add(a, c), odd = add(b, d);
            struct complex across = subtract(a, c), side = quarter_back(subtract(b, d));
            to[0] = add(even, odd);
            to[stride] = add(across, side);
            to[2 * stride] = subtract(even, odd);
            to[3 * stride] = subtract(across, side);
            if (p) {
                to[stride] = turn_by(to[stride], once);
                to[2 * stride] = turn_by(to[2 * stride], twice);
                to[3 * stride] = turn_by(to[3 * stride], thrice);
            }
        }
    }
}

/* The last: two points each. */
static void stage_2(struct complex *to, const struct complex *from, uint32_t stride, uint32_t down)
{
    for (uint32_t q = 0; q < stride; q++) {
        struct complex a = shifted(from[q], down), b = shifted(from[q + stride], down);
        to[q] = add(a, b);
        to[q + stride] = subtract(a, b);
    }
}

/* n points from `data` to `data`, by way of `spare`; `scaled` halves them for each factor of 2, and quarters for 5. */
static void transform(struct complex *data, struct complex *spare, uint32_t n, uint32_t scaled)
{
    stage_5(spare, data, n, scaled * 2);
    stage_4(data, spare, n / 5, 5, scaled * 2);
    stage_4(spare, data, n / 20, 20, scaled * 2);
    if (n == 160) {
        stage_2(data, spare, 80, scaled);
    } else {
        for (uint32_t at = 0; at < n; at++) {
            data[at] = spare[at];
        }
    }
}

CORE void fft_forward(int32_t *data, int32_t *spare, uint32_t n)
{
    struct complex *bins = (struct complex *)(void *)data;
    uint32_t step = FFT_TURN / 2 / n;
    transform(bins, (struct complex *)(void *)spare, n, 0);
    bins[n] = bins[0];
    for (uint32_t k = 0; k <= n / 2; k++) {
        struct complex a = shifted(bins[k], 1), b = shifted(bins[n - k], 1);
        struct complex even = { a.re + b.re, a.im - b.im };
        struct complex odd = { a.im + b.im, b.re - a.re };
        odd = turn_by(odd, (struct angle){ QUARTER[RIGHT - k * step], QUARTER[k * step] });
        bins[k] = add(even, odd);
        bins[n - k] = (struct complex){ even.re - odd.re, odd.im - even.im };
    }
}

CORE void fft_inverse(int32_t *data, int32_t *spare, uint32_t n)
{
    struct complex *bins = (struct complex *)(void *)data;
    uint32_t step = FFT_TURN / 2 / n;
    for (uint32_t k = 0; k <= n / 2; k++) {
        struct complex a = shifted(bins[k], 1), b = shifted(bins[n - k], 1);
        struct complex even = { a.re + b.re, a.im - b.im };
        struct complex odd = turn_by((struct complex){ a.re - b.re, a.im + b.im },
                                     (struct angle){ QUARTER[RIGHT - k * step], -QUARTER[k * step] });
        /* even + i * odd, with its parts exchanged: the transform of that is the inverse, exchanged as well. */
        bins[k] = (struct complex){ even.im + odd.re, even.re - odd.im };
        bins[n - k] = (struct complex){ odd.re - even.im, even.re + odd.im };
    }
    transform(bins, (struct complex *)(void *)spare, n, 1);
    for (uint32_t at = 0; at < n; at++) {
        struct complex sample = bins[at];
        bins[at] = (struct complex){ half_product(sample.im, REST) * 2, half_product(sample.re, REST) * 2 };
    }
}
