/* AES (FIPS 197), forwards only, in counter mode: what SRTP is encrypted with.
 *
 * Bitsliced: eight words hold the eight bits of every octet of two blocks, and the S-box is a circuit. So there is
 * no table to look up and no branch to take by what is secret, and the time says nothing of the key.
 */

#ifndef BAKELITE_AES_H
#define BAKELITE_AES_H

#include "core.h"

#define AES_BLOCK 16
#define AES_MAX_ROUNDS 14
#define AES_PLANES 8

struct aes {
    uint32_t rounds; /* 10 or 14 */
    uint32_t keys[(AES_MAX_ROUNDS + 1) * AES_PLANES];
};

/* Expand a key of 16 or 32 octets. */
CORE void aes_start(struct aes *aes, const uint8_t *key, uint32_t octets);

/* XOR `length` octets with the key stream whose first block is E(counter); each further block counts the last 32
 * bits of the counter up. `counter` is 4 words in the order of a big-endian block, and stays as it is. */
CORE void aes_counter_mode(const struct aes *aes, const uint32_t *counter, uint8_t *octets, uint32_t length);

/* `length` octets of the key stream itself. */
CORE void aes_key_stream(const struct aes *aes, const uint32_t *counter, uint8_t *octets, uint32_t length);

#endif
