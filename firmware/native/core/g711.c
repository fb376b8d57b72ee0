#include "g711.h"

/* The 16-bit values of the ITU's software tool library (G.191): the 14-bit values of table 2/G.711 times 4. */
static int16_t expand_mu(uint32_t octet)
{
    uint32_t inverted = ~octet;
    uint32_t exponent = inverted >> 4 & 7;
    int32_t magnitude = (int32_t)((((inverted & 15) << 1) + 33) << (exponent + 2)) - 4 * 33;
    return (int16_t)(octet & 0x80 ? magnitude : -magnitude);
}

/* The 13-bit values of table 1/G.711 times 8. */
static int16_t expand_a(uint32_t octet)
{
    uint32_t inverted = octet ^ 0x55;
    uint32_t exponent = inverted >> 4 & 7;
    uint32_t mantissa = (inverted & 15) << 4 | 8;
    int32_t magnitude = (int32_t)(exponent ? (mantissa + 256) << (exponent - 1) : mantissa);
    return (int16_t)(octet & 0x80 ? magnitude : -magnitude);
}

CORE void g711_expansion(int16_t *table, uint32_t law)
{
    for (uint32_t octet = 0; octet < 256; octet++) {
        table[octet] = law == LAW_A ? expand_a(octet) : expand_mu(octet);
    }
}

/* Position of the highest bit of `magnitude`, which is 32 to 8191, less 4: the segment, 1 to 8. */
static inline uint32_t segment(uint32_t magnitude)
{
    uint32_t shift = magnitude >> 9 ? 5 : 1;
    if (magnitude >> (shift + 6)) {
        shift += 2;
    }
    if (magnitude >> (shift + 5)) {
        shift += 1;
    }
    return shift;
}

static inline uint8_t compress_mu(int32_t sample)
{
    int32_t sign = sample >> 31;
    uint32_t magnitude = (uint32_t)((sample ^ sign) >> 2) + 33;
    if (magnitude > 8191) {
        magnitude = 8191;
    }
    uint32_t shift = segment(magnitude);
    uint32_t code = (shift - 1) << 4 | (magnitude >> shift & 15);
    return (uint8_t)(~code ^ ((uint32_t)sign & 0x80));
}

static inline uint8_t compress_a(int32_t sample)
{
    int32_t sign = sample >> 31;
    uint32_t magnitude = (uint32_t)(sample ^ sign) >> 4;
    if (magnitude >= 32) {
        uint32_t shift = segment(magnitude);
        magnitude = (shift + 1) << 4 | (magnitude >> shift & 15);
    }
    return (uint8_t)(magnitude ^ (sign ? 0x55 : 0xD5));
}

CORE void g711_compress(uint8_t *octets, const int16_t *samples, uint32_t count, uint32_t law)
{
    if (law == LAW_A) {
        for (uint32_t index = 0; index < count; index++) {
            octets[index] = compress_a(samples[index]);
        }
    } else {
        for (uint32_t index = 0; index < count; index++) {
            octets[index] = compress_mu(samples[index]);
        }
    }
}
