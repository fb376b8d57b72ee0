/* What every part of the voice core stands on.
 *
 * The core is C99 without a library: no libc, no allocation, no floating point, no 64-bit arithmetic that a compiler
 * makes calls of, no pointers in its state and nothing static that is written. So it runs as a native module of
 * MicroPython, in a firmware image and in a shared library on a host alike, and its state may lie in any buffer.
 *
 * Two things are taken from the compilers in use (gcc, clang): >> of a negative number keeps the sign, and
 * conversion to a narrower signed type wraps.
 */

#ifndef BAKELITE_CORE_H
#define BAKELITE_CORE_H

#include <stddef.h>
#include <stdint.h>

/* voice_core.c includes all parts in one unit and makes their functions static. */
#ifndef CORE
#define CORE
#endif

/* wide_core.c is the same core with G.722: its sound is two bands, each with 8 kHz, and what is done to the line of the
 * lower is done to that of the upper. */
#ifndef WIDE
#define WIDE 0
#endif

#if WIDE
#define UPPER(statement) statement
#else
#define UPPER(statement)
#endif

/* The core's own frame: 20 ms at 8 kHz. */
#define FRAME_SAMPLES 160

static inline uint32_t read16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static inline uint32_t read32(const uint8_t *at)
{
    return read16(at) << 16 | read16(at + 2);
}

static inline void write16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void write32(uint8_t *at, uint32_t value)
{
    write16(at, value >> 16);
    write16(at + 2, value);
}

/* How far timestamp or tick `a` is ahead of `b`, across the wrap. */
static inline int32_t ahead(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

static inline int16_t saturate(int32_t value)
{
    if (value > 32767) {
        return 32767;
    }
    if (value < -32768) {
        return -32768;
    }
    return (int16_t)value;
}

/* Two samples at once: half the instructions where both ends are aligned for it, and the count even. */
typedef uint32_t __attribute__((__may_alias__)) sample_pair;

static inline void copy_samples(int16_t *to, const int16_t *from, uint32_t count)
{
    sample_pair *pairs = (sample_pair *)(void *)to;
    const sample_pair *source = (const sample_pair *)(const void *)from;
    const sample_pair *end = source + count / 2;
    for (; end - source >= 4; pairs += 4, source += 4) {
        pairs[0] = source[0];
        pairs[1] = source[1];
        pairs[2] = source[2];
        pairs[3] = source[3];
    }
    while (source < end) {
        *pairs++ = *source++;
    }
}

static inline void clear_octets(void *at, size_t octets)
{
    uint8_t *octet = at;
    while (octets--) {
        *octet++ = 0;
    }
}

#endif
