#include "aes.h"

/* The words of two blocks, 0 2 4 6 and 1 3 5 7, <-> planes: plane n holds bit n of every octet. Its own inverse. */
static void transpose(uint32_t *words)
{
#define SWAP(x, y, low, shift) \
    { \
        uint32_t a = (x), b = (y); \
        (x) = (a & (low)) | (b & (low)) << (shift); \
        (y) = (a >> (shift) & (low)) | (b & ~(uint32_t)(low)); \
    }
    for (uint32_t at = 0; at < 8; at += 2) {
        SWAP(words[at], words[at + 1], 0x55555555u, 1)
    }
    for (uint32_t at = 0; at < 8; at += at & 1 ? 3 : 1) {
        SWAP(words[at], words[at + 2], 0x33333333u, 2)
    }
    for (uint32_t at = 0; at < 4; at++) {
        SWAP(words[at], words[at + 4], 0x0F0F0F0Fu, 4)
    }
#undef SWAP
}

/* The S-box of 64 octets at once: the circuit of Boyar and Peralta, "A new combinational logic minimization
 * technique with applications to cryptology" (2009), whose names these are. Its x0 is the highest bit. */
static inline void substitute(uint32_t *q)
{
    uint32_t x0 = q[7], x1 = q[6], x2 = q[5], x3 = q[4], x4 = q[3], x5 = q[2], x6 = q[1], x7 = q[0];

    uint32_t y14 = x3 ^ x5, y13 = x0 ^ x6, y9 = x0 ^ x3, y8 = x0 ^ x5, t0 = x1 ^ x2;
    uint32_t y1 = t0 ^ x7, y4 = y1 ^ x3, y12 = y13 ^ y14, y2 = y1 ^ x0, y5 = y1 ^ x6, y3 = y5 ^ y8;
    uint32_t t1 = x4 ^ y12, y15 = t1 ^ x5, y20 = t1 ^ x1, y6 = y15 ^ x7, y10 = y15 ^ t0, y11 = y20 ^ y9;
    uint32_t y7 = x7 ^ y11, y17 = y10 ^ y11, y19 = y10 ^ y8, y16 = t0 ^ y11, y21 = y13 ^ y16, y18 = x0 ^ y16;

    uint32_t t2 = y12 & y15, t4 = (y3 & y6) ^ t2, t6 = (y4 & x7) ^ t2;
    uint32_t t7 = y13 & y16, t9 = (y5 & y1) ^ t7, t11 = (y2 & y7) ^ t7;
    uint32_t t12 = y9 & y11, t14 = (y14 & y17) ^ t12, t16 = (y8 & y10) ^ t12;
    uint32_t t21 = t4 ^ t14 ^ y20, t22 = t6 ^ t16 ^ y19, t23 = t9 ^ t14 ^ y21, t24 = t11 ^ t16 ^ y18;
    uint32_t t25 = t21 ^ t22, t26 = t21 & t23, t27 = t24 ^ t26, t29 = (t25 & t27) ^ t22;
    uint32_t t33 = ((t22 ^ t26) & (t23 ^ t24)) ^ t24, t36 = t24 & (t27 ^ t33), t37 = t36 ^ t23 ^ t33;
    uint32_t t40 = t25 ^ (t29 & (t27 ^ t36));
    uint32_t t41 = t40 ^ t37, t42 = t29 ^ t33, t43 = t29 ^ t40, t44 = t33 ^ t37, t45 = t42 ^ t41;

    uint32_t z0 = t44 & y15, z1 = t37 & y6, z2 = t33 & x7, z3 = t43 & y16, z4 = t40 & y1, z5 = t29 & y7;
    uint32_t z6 = t42 & y11, z7 = t45 & y17, z8 = t41 & y10, z9 = t44 & y12, z10 = t37 & y3, z11 = t33 & y4;
    uint32_t z12 = t43 & y13, z13 = t40 & y5, z14 = t29 & y2, z15 = t42 & y9, z16 = t45 & y14, z17 = t41 & y8;

    uint32_t t46 = z15 ^ z16, t48 = z5 ^ z13, t53 = z0 ^ z3, t54 = z6 ^ z7, t57 = z2 ^ z12 ^ t53;
    uint32_t t58 = z4 ^ t46, t59 = z3 ^ t54, t60 = t46 ^ t57, t62 = z7 ^ z8 ^ t58, t63 = z9 ^ z10 ^ t58;
    uint32_t t64 = z4 ^ t59, t65 = z14 ^ t57 ^ t62, t66 = z1 ^ t63, s3 = t53 ^ t66;
    q[7] = t59 ^ t63;
    q[6] = t64 ^ ~s3;
    q[5] = z16 ^ z17 ^ ~(t64 ^ t65);
    q[4] = s3;
    q[3] = z2 ^ z5 ^ t66;
    q[2] = z10 ^ z11 ^ t65;
    q[1] = z12 ^ t48 ^ ~t62;
    q[0] = t48 ^ ~t60;
}

/* In a plane, octet r is row r of both blocks: two bits a column. Row r turns by r columns: the rows 2 and 3 by two,
 * then the rows 1 and 3 by one. */
static inline uint32_t shift_rows(uint32_t x)
{
    uint32_t differs = (x ^ x >> 4) & 0x0F0F0000u;
    x ^= differs ^ differs << 4;
    return (x & 0x00FF00FFu) | (x & 0xFC00FC00u) >> 2 | (x & 0x03000300u) << 6;
}

static inline uint32_t turn_right(uint32_t x, uint32_t bits)
{
    return x >> bits | x << (32 - bits);
}

/* Each octet a becomes 2a + 3b + c + d, where b, c and d lie below it in its column: `both` is a + b, `beneath` that
 * of the plane below, for 2a is a plane up. */
static inline uint32_t mix_column(uint32_t a, uint32_t both, uint32_t beneath)
{
    return a ^ both ^ turn_right(both, 16) ^ beneath;
}

/* All planes by name, as loops over them would keep them in memory. */
static void encrypt_planes(const struct aes *aes, uint32_t *planes)
{
    const uint32_t *key = aes->keys, *last = key + aes->rounds * AES_PLANES;
    uint32_t q[AES_PLANES] = { planes[0] ^ key[0], planes[1] ^ key[1], planes[2] ^ key[2], planes[3] ^ key[3],
                               planes[4] ^ key[4], planes[5] ^ key[5], planes[6] ^ key[6], planes[7] ^ key[7] };
    for (;;) {
        substitute(q);
        q[0] = shift_rows(q[0]);
        q[1] = shift_rows(q[1]);
        q[2] = shift_rows(q[2]);
        q[3] = shift_rows(q[3]);
        q[4] = shift_rows(q[4]);
        q[5] = shift_rows(q[5]);
        q[6] = shift_rows(q[6]);
        q[7] = shift_rows(q[7]);
        key += AES_PLANES;
        if (key == last) {
            break;
        }
        uint32_t b0 = q[0] ^ turn_right(q[0], 8), b1 = q[1] ^ turn_right(q[1], 8), b2 = q[2] ^ turn_right(q[2], 8);
        uint32_t b3 = q[3] ^ turn_right(q[3], 8), b4 = q[4] ^ turn_right(q[4], 8), b5 = q[5] ^ turn_right(q[5], 8);
        uint32_t b6 = q[6] ^ turn_right(q[6], 8), b7 = q[7] ^ turn_right(q[7], 8);
        /* The highest bit comes back as x^4 + x^3 + x + 1. */
        q[0] = mix_column(q[0], b0, b7) ^ key[0];
        q[1] = mix_column(q[1], b1, b0 ^ b7) ^ key[1];
        q[2] = mix_column(q[2], b2, b1) ^ key[2];
        q[3] = mix_column(q[3], b3, b2 ^ b7) ^ key[3];
        q[4] = mix_column(q[4], b4, b3 ^ b7) ^ key[4];
        q[5] = mix_column(q[5], b5, b4) ^ key[5];
        q[6] = mix_column(q[6], b6, b5) ^ key[6];
        q[7] = mix_column(q[7], b7, b6) ^ key[7];
    }
    planes[0] = q[0] ^ key[0];
    planes[1] = q[1] ^ key[1];
    planes[2] = q[2] ^ key[2];
    planes[3] = q[3] ^ key[3];
    planes[4] = q[4] ^ key[4];
    planes[5] = q[5] ^ key[5];
    planes[6] = q[6] ^ key[6];
    planes[7] = q[7] ^ key[7];
}

static uint32_t substitute_word(uint32_t word)
{
    uint32_t q[AES_PLANES] = { word };
    transpose(q);
    substitute(q);
    transpose(q);
    return q[0];
}

static inline uint32_t little(uint32_t word)
{
    return word >> 24 | (word >> 8 & 0xFF00u) | (word << 8 & 0xFF0000u) | word << 24;
}

/* FIPS 197 §5.2. Words have the first octet lowest, as the planes are made of them. */
CORE void aes_start(struct aes *aes, const uint8_t *key, uint32_t octets)
{
    uint32_t words[(AES_MAX_ROUNDS + 1) * 4];
    uint32_t length = octets / 4, constant = 1;
    aes->rounds = length + 6;
    for (uint32_t at = 0; at < length; at++) {
        words[at] = little(read32(key + at * 4));
    }
    for (uint32_t at = length; at < (aes->rounds + 1) * 4; at++) {
        uint32_t word = words[at - 1];
        if (at % length == 0) {
            word = substitute_word(word >> 8 | word << 24) ^ constant;
            constant = constant << 1 ^ (constant >> 7) * 0x11B;
        } else if (length > 6 && at % length == 4) {
            word = substitute_word(word);
        }
        words[at] = words[at - length] ^ word;
    }
    for (uint32_t round = 0; round <= aes->rounds; round++) {
        uint32_t *q = aes->keys + round * AES_PLANES;
        for (uint32_t column = 0; column < 4; column++) {
            q[column * 2] = q[column * 2 + 1] = words[round * 4 + column];
        }
        transpose(q);
    }
    clear_octets(words, sizeof words);
}

CORE void aes_counter_mode(const struct aes *aes, const uint32_t *counter, uint8_t *octets, uint32_t length)
{
    uint32_t q[AES_PLANES];
    uint32_t block = counter[3];
    while (length) {
        for (uint32_t column = 0; column < 3; column++) {
            q[column * 2] = q[column * 2 + 1] = little(counter[column]);
        }
        q[6] = little(block);
        q[7] = little(block + 1);
        block += 2;
        transpose(q);
        encrypt_planes(aes, q);
        transpose(q);
        for (uint32_t at = 0; length && at < 8; at++) {
            uint32_t stream = q[(at & 3) * 2 + (at >> 2)];
            if (length >= 4) {
                octets[0] ^= (uint8_t)stream;
                octets[1] ^= (uint8_t)(stream >> 8);
                octets[2] ^= (uint8_t)(stream >> 16);
                octets[3] ^= (uint8_t)(stream >> 24);
                octets += 4;
                length -= 4;
            } else {
                for (; length; length--, stream >>= 8) {
                    *octets++ ^= (uint8_t)stream;
                }
            }
        }
    }
    clear_octets(q, sizeof q);
}

CORE void aes_key_stream(const struct aes *aes, const uint32_t *counter, uint8_t *octets, uint32_t length)
{
    clear_octets(octets, length);
    aes_counter_mode(aes, counter, octets, length);
}
