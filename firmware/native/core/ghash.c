#include "ghash.h"

/* The lower half of the product of two polynomials over GF(2). Every fourth bit at a time: up to eight bits add up
 * in a place, and three holes hold what they carry. */
static inline uint32_t multiply_low(uint32_t x, uint32_t y)
{
    uint32_t x0 = x & 0x11111111u, x1 = x & 0x22222222u, x2 = x & 0x44444444u, x3 = x & 0x88888888u;
    uint32_t y0 = y & 0x11111111u, y1 = y & 0x22222222u, y2 = y & 0x44444444u, y3 = y & 0x88888888u;
    uint32_t z0 = (x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1);
    uint32_t z1 = (x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2);
    uint32_t z2 = (x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3);
    uint32_t z3 = (x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0);
    return (z0 & 0x11111111u) | (z1 & 0x22222222u) | (z2 & 0x44444444u) | (z3 & 0x88888888u);
}

static inline uint32_t reverse(uint32_t x)
{
    x = (x & 0x55555555u) << 1 | (x >> 1 & 0x55555555u);
    x = (x & 0x33333333u) << 2 | (x >> 2 & 0x33333333u);
    x = (x & 0x0F0F0F0Fu) << 4 | (x >> 4 & 0x0F0F0F0Fu);
    x = (x & 0x00FF00FFu) << 8 | (x >> 8 & 0x00FF00FFu);
    return x << 16 | x >> 16;
}

/* Add the product of two words to two words. What is above the lower half is the lower half backwards. */
static void multiply_word(uint32_t *into, uint32_t x, uint32_t y)
{
    into[0] ^= multiply_low(x, y);
    into[1] ^= reverse(multiply_low(reverse(x), reverse(y))) >> 1;
}

/* Two words by two, by Karatsuba: four words. */
static void multiply_pair(uint32_t *product, const uint32_t *x, const uint32_t *y)
{
    uint32_t low[2] = { 0, 0 }, high[2] = { 0, 0 }, middle[2] = { 0, 0 };
    multiply_word(low, x[0], y[0]);
    multiply_word(high, x[1], y[1]);
    multiply_word(middle, x[0] ^ x[1], y[0] ^ y[1]);
    middle[0] ^= low[0] ^ high[0];
    middle[1] ^= low[1] ^ high[1];
    product[0] = low[0];
    product[1] = low[1] ^ middle[0];
    product[2] = high[0] ^ middle[1];
    product[3] = high[1];
}

/* sum = sum * key modulo x^128 + x^7 + x^2 + x + 1. GCM's bits are reversed: the lowest is the highest power. */
static void multiply(struct ghash *ghash)
{
    uint32_t *x = ghash->sum;
    const uint32_t *y = ghash->key;
    uint32_t product[8], middle[4];
    uint32_t x_sum[2] = { x[0] ^ x[2], x[1] ^ x[3] }, y_sum[2] = { y[0] ^ y[2], y[1] ^ y[3] };
    multiply_pair(product, x, y);
    multiply_pair(product + 4, x + 2, y + 2);
    multiply_pair(middle, x_sum, y_sum);
    for (uint32_t at = 0; at < 4; at++) {
        middle[at] ^= product[at] ^ product[at + 4];
    }
    for (uint32_t at = 0; at < 4; at++) {
        product[at + 2] ^= middle[at];
    }
    /* The product of reversed numbers is one bit short. */
    for (uint32_t at = 7; at; at--) {
        product[at] = product[at] << 1 | product[at - 1] >> 31;
    }
    product[0] <<= 1;
    for (uint32_t at = 0; at < 4; at++) {
        uint32_t low = product[at];
        product[at + 4] ^= low ^ low >> 1 ^ low >> 2 ^ low >> 7;
        product[at + 3] ^= low << 31 ^ low << 30 ^ low << 25;
    }
    for (uint32_t at = 0; at < 4; at++) {
        x[at] = product[at + 4];
    }
}

CORE void ghash_begin(struct ghash *ghash, const uint32_t *key)
{
    for (uint32_t at = 0; at < 4; at++) {
        ghash->key[at] = key[at];
        ghash->sum[at] = 0;
    }
}

CORE void ghash_add(struct ghash *ghash, const uint8_t *octets, uint32_t length)
{
    while (length) {
        for (uint32_t at = 0; at < GHASH_BLOCK && length; at++, length--) {
            ghash->sum[3 - at / 4] ^= (uint32_t)*octets++ << (24 - at % 4 * 8);
        }
        multiply(ghash);
    }
}

CORE void ghash_end(struct ghash *ghash, uint32_t clear, uint32_t encrypted, uint8_t *digest)
{
    ghash->sum[3] ^= clear >> 29;
    ghash->sum[2] ^= clear << 3;
    ghash->sum[1] ^= encrypted >> 29;
    ghash->sum[0] ^= encrypted << 3;
    multiply(ghash);
    for (uint32_t at = 0; at < 4; at++) {
        write32(digest + at * 4, ghash->sum[3 - at]);
    }
}
