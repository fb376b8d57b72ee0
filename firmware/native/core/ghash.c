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

/* Four words and what Karatsuba adds up of them. */
static inline void add_up(uint32_t *nine, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    nine[0] = a;
    nine[1] = b;
    nine[2] = c;
    nine[3] = d;
    nine[4] = a ^ b;
    nine[5] = c ^ d;
    nine[6] = a ^ c;
    nine[7] = b ^ d;
    nine[8] = a ^ b ^ c ^ d;
}

/* Of the product of two numbers of four words: for each word, what the lower halves of its summands come to. */
static void multiply_lower(uint32_t *lower, const uint32_t *x, const uint32_t *y)
{
    uint32_t p[9];
    for (uint32_t at = 0; at < 9; at++) {
        p[at] = multiply_low(x[at], y[at]);
    }
    uint32_t low = p[4] ^ p[0] ^ p[1], high = p[5] ^ p[2] ^ p[3];
    lower[0] = p[0];
    lower[1] = low;
    lower[2] = p[1] ^ p[6] ^ p[0] ^ p[2];
    lower[3] = p[8] ^ p[6] ^ p[7] ^ low ^ high;
    lower[4] = p[2] ^ p[7] ^ p[1] ^ p[3];
    lower[5] = high;
    lower[6] = p[3];
}

/* sum = sum * key modulo x^128 + x^7 + x^2 + x + 1. GCM's bits are reversed: the lowest is the highest power. */
static void multiply(struct ghash *ghash)
{
    uint32_t *sum = ghash->sum;
    uint32_t nine[9], lower[7], product[8];
    add_up(nine, sum[0], sum[1], sum[2], sum[3]);
    multiply_lower(lower, nine, ghash->key);
    for (uint32_t at = 0; at < 7; at++) {
        product[at] = lower[at];
    }
    product[7] = 0;
    /* The upper half of a product of words is the lower half of the product backwards, backwards. */
    add_up(nine, reverse(sum[0]), reverse(sum[1]), reverse(sum[2]), reverse(sum[3]));
    multiply_lower(lower, nine, ghash->backwards);
    for (uint32_t at = 0; at < 7; at++) {
        product[at + 1] ^= reverse(lower[at]) >> 1;
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
        sum[at] = product[at + 4];
    }
}

CORE void ghash_begin(struct ghash *ghash, const uint32_t *key)
{
    add_up(ghash->key, key[0], key[1], key[2], key[3]);
    add_up(ghash->backwards, reverse(key[0]), reverse(key[1]), reverse(key[2]), reverse(key[3]));
    clear_octets(ghash->sum, sizeof ghash->sum);
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
