/* Powers as their logarithm to the base of 2, Q8: any range fits in 16 bits, products are sums, and nothing divides.
 * Good to 0.05 dB. */

#ifndef BAKELITE_LOGS_H
#define BAKELITE_LOGS_H

#include "core.h"

/* Of the weights of running means, in percent. */
#define OF_10 (-850)
#define OF_20 (-594)
#define OF_40 (-338)
#define OF_60 (-189)
#define OF_80 (-82)
#define OF_90 (-39)
#define OF_95 (-19)

#define LOG_NOTHING (-8192) /* of no power at all: 2^-32 */

static const uint8_t LENGTHS[16] = { 0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4 };

/* log2(1 + 2^-x), Q8, in steps of 1/16. */
#define SUMS 144
static const uint8_t SUM[SUMS] = {
    252, 244, 237, 229, 222, 215, 208, 201, 194, 188, 181, 175, 169, 164, 158, 152, 147, 142, 137, 132, 127,
    123, 118, 114, 110, 106, 102, 98, 94, 91, 87, 84, 81, 78, 75, 72, 69, 66, 64, 61, 59, 57, 54, 52, 50, 48,
    46, 44, 43, 41, 39, 38, 36, 35, 33, 32, 31, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 19, 18, 17, 16, 16,
    15, 14, 14, 13, 13, 12, 12, 11, 11, 10, 10, 9, 9, 9, 8, 8, 8, 7, 7, 7, 6, 6, 6, 6, 5, 5, 5, 5, 5, 4, 4, 4,
    4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1,
};

/* log2(1 + x) and 2^x - 1 of a fraction of Q8 differ from x by about this, Q8. */
static inline int32_t log_bend(int32_t fraction)
{
    return fraction * (256 - fraction) * 88 >> 16;
}

static inline uint32_t bit_length(uint32_t value)
{
    uint32_t bits = 0;
    if (value >> 16) {
        value >>= 16;
        bits = 16;
    }
    if (value >> 8) {
        value >>= 8;
        bits += 8;
    }
    if (value >> 4) {
        value >>= 4;
        bits += 4;
    }
    return bits + LENGTHS[value];
}

static inline int32_t log_of(uint32_t value)
{
    if (value == 0) {
        return LOG_NOTHING;
    }
    int32_t whole = (int32_t)bit_length(value) - 1;
    int32_t fraction = (int32_t)(value << (31 - whole) >> 23) & 255;
    return whole * 256 + fraction + log_bend(fraction);
}

/* Of re^2 + im^2. */
static inline int32_t log_power(int32_t re, int32_t im)
{
    uint32_t a = (uint32_t)(re < 0 ? -re : re), b = (uint32_t)(im < 0 ? -im : im);
    int32_t down = (int32_t)bit_length(a | b) - 15;
    down = down < 0 ? 0 : down;
    a >>= down;
    b >>= down;
    return log_of(a * a + b * b) + down * 512;
}

/* 2^(fraction of log), Q15: 32768 to 65535. */
static inline uint32_t log_mantissa(int32_t log)
{
    int32_t fraction = log & 255;
    return 32768 + (uint32_t)(fraction * 128 - (fraction * (256 - fraction) * 88 >> 9));
}

/* 2^log, rounded down, and at most 2^30. */
static inline uint32_t log_value(int32_t log)
{
    int32_t whole = log >> 8;
    if (whole < 0) {
        return 0;
    }
    return whole >= 30 ? 1u << 30 : whole < 15 ? log_mantissa(log) >> (15 - whole) : log_mantissa(log) << (whole - 15);
}

/* Of the sum of two powers. */
static inline int32_t log_add(int32_t a, int32_t b)
{
    int32_t more = a > b ? a : b, apart = (a > b ? a - b : b - a) >> 4;
    return apart < SUMS ? more + SUM[apart] : more;
}

/* Of 2^log - 1, where log > 0. */
static inline int32_t log_less_one(int32_t log)
{
    return log >= 2048 ? log : log_of((log_mantissa(log) << (log >> 8)) - 32768) - 15 * 256;
}

#endif
