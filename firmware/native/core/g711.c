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

static void expect(struct g711 *g711, uint32_t law)
{
    g711->received = law;
    for (uint32_t index = 0; index < 256; index++) {
        g711->expansion[index] = law == LAW_A ? expand_a(index) : expand_mu(index);
    }
}

CORE void g711_start(struct g711 *g711, uint32_t law)
{
    uint32_t segment = 0;
    g711->law = law;
    expect(g711, law);
    for (uint32_t index = 0; index < 256; index++) {
        if (index >> segment) {
            segment++;
        }
        g711->segments[index] = (uint8_t)segment;
    }
}

static inline uint8_t compress_mu(const uint8_t *segments, int32_t sample)
{
    int32_t sign = sample >> 31;
    uint32_t magnitude = (uint32_t)((sample ^ sign) >> 2) + 33;
    if (magnitude > 8191) {
        magnitude = 8191;
    }
    uint32_t segment = segments[magnitude >> 5];
    uint32_t code = (segment - 1) << 4 | (magnitude >> segment & 15);
    return (uint8_t)(~code ^ ((uint32_t)sign & 0x80));
}

static inline uint8_t compress_a(const uint8_t *segments, int32_t sample)
{
    int32_t sign = sample >> 31;
    uint32_t magnitude = (uint32_t)(sample ^ sign) >> 4;
    if (magnitude >= 32) {
        uint32_t segment = segments[magnitude >> 3];
        magnitude = (segment - 1) << 4 | (magnitude >> (segment - 2) & 15);
    }
    return (uint8_t)(magnitude ^ (sign ? 0x55 : 0xD5));
}

CORE void g711_compress(const struct g711 *g711, uint8_t *octets, const int16_t *samples, uint32_t count)
{
    const uint8_t *segments = g711->segments;
    if (g711->law == LAW_A) {
        for (uint32_t index = 0; index < count; index++) {
            octets[index] = compress_a(segments, samples[index]);
        }
    } else {
        for (uint32_t index = 0; index < count; index++) {
            octets[index] = compress_mu(segments, samples[index]);
        }
    }
}

CORE void g711_switch(struct g711 *g711, uint32_t law, uint8_t *octets, uint32_t count)
{
    const uint8_t *segments = g711->segments;
    for (uint32_t index = 0; index < count; index++) {
        int32_t sample = g711->expansion[octets[index]];
        octets[index] = law == LAW_A ? compress_a(segments, sample) : compress_mu(segments, sample);
    }
    expect(g711, law);
}
