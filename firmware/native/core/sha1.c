#include "sha1.h"

static inline uint32_t turn(uint32_t word, uint32_t bits)
{
    return word << bits | word >> (32 - bits);
}

/* One round; who calls it next turns the names by one, so that nothing is moved. */
#define SHA1_ROUND(choice, constant, a, b, c, d, e) \
    e += turn(a, 5) + choice(b, c, d) + (constant) + *word++; \
    b = turn(b, 30);

#define SHA1_ROUNDS(choice, constant) \
    for (const uint32_t *end = word + 20; word < end;) { \
        SHA1_ROUND(choice, constant, a, b, c, d, e) \
        SHA1_ROUND(choice, constant, e, a, b, c, d) \
        SHA1_ROUND(choice, constant, d, e, a, b, c) \
        SHA1_ROUND(choice, constant, c, d, e, a, b) \
        SHA1_ROUND(choice, constant, b, c, d, e, a) \
    }

#define CHOOSE(b, c, d) (((c ^ d) & b) ^ d)
#define PARITY(b, c, d) (b ^ c ^ d)
#define MAJORITY(b, c, d) (((b | c) & d) | (b & c))

static void compress(uint32_t *state, const uint8_t *block)
{
    uint32_t words[80];
    for (uint32_t at = 0; at < 16; at++) {
        words[at] = read32(block + at * 4);
    }
    for (uint32_t *at = words + 16; at < words + 80; at++) {
        *at = turn(at[-3] ^ at[-8] ^ at[-14] ^ at[-16], 1);
    }
    const uint32_t *word = words;
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    SHA1_ROUNDS(CHOOSE, 0x5A827999u)
    SHA1_ROUNDS(PARITY, 0x6ED9EBA1u)
    SHA1_ROUNDS(MAJORITY, 0x8F1BBCDCu)
    SHA1_ROUNDS(PARITY, 0xCA62C1D6u)
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

static void begin(struct sha1 *sha1, const uint32_t *state, uint32_t octets)
{
    for (uint32_t at = 0; at < 5; at++) {
        sha1->state[at] = state[at];
    }
    sha1->octets = octets;
}

static void add(struct sha1 *sha1, const uint8_t *octets, uint32_t length)
{
    uint32_t filled = sha1->octets % SHA1_BLOCK;
    sha1->octets += length;
    while (length) {
        if (filled == 0 && length >= SHA1_BLOCK) {
            compress(sha1->state, octets);
            octets += SHA1_BLOCK;
            length -= SHA1_BLOCK;
            continue;
        }
        sha1->block[filled++] = *octets++;
        length--;
        if (filled == SHA1_BLOCK) {
            compress(sha1->state, sha1->block);
            filled = 0;
        }
    }
}

static void end(struct sha1 *sha1, uint8_t *digest)
{
    uint32_t filled = sha1->octets % SHA1_BLOCK;
    sha1->block[filled++] = 0x80;
    if (filled > SHA1_BLOCK - 8) {
        clear_octets(sha1->block + filled, SHA1_BLOCK - filled);
        compress(sha1->state, sha1->block);
        filled = 0;
    }
    clear_octets(sha1->block + filled, SHA1_BLOCK - filled);
    write32(sha1->block + SHA1_BLOCK - 8, sha1->octets >> 29);
    write32(sha1->block + SHA1_BLOCK - 4, sha1->octets << 3);
    compress(sha1->state, sha1->block);
    for (uint32_t at = 0; at < 5; at++) {
        write32(digest + at * 4, sha1->state[at]);
    }
}

/* The state after a block of the key, which is at most a block long, and `filling`. */
static void after_key(uint32_t *state, const uint8_t *octets, uint32_t length, uint8_t filling)
{
    uint8_t block[SHA1_BLOCK];
    for (uint32_t at = 0; at < SHA1_BLOCK; at++) {
        block[at] = (uint8_t)((at < length ? octets[at] : 0) ^ filling);
    }
    state[0] = 0x67452301u;
    state[1] = 0xEFCDAB89u;
    state[2] = 0x98BADCFEu;
    state[3] = 0x10325476u;
    state[4] = 0xC3D2E1F0u;
    compress(state, block);
    clear_octets(block, sizeof block);
}

CORE void hmac_start(struct hmac_key *key, const uint8_t *octets, uint32_t length)
{
    after_key(key->inner, octets, length, 0x36);
    after_key(key->outer, octets, length, 0x5C);
}

CORE void hmac_begin(struct sha1 *sha1, const struct hmac_key *key)
{
    begin(sha1, key->inner, SHA1_BLOCK);
}

CORE void hmac_add(struct sha1 *sha1, const uint8_t *octets, uint32_t length)
{
    add(sha1, octets, length);
}

CORE void hmac_end(struct sha1 *sha1, const struct hmac_key *key, uint8_t *digest)
{
    end(sha1, digest);
    begin(sha1, key->outer, SHA1_BLOCK);
    add(sha1, digest, SHA1_DIGEST);
    end(sha1, digest);
}
