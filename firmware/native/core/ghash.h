/* GHASH (NIST SP 800-38D §6.4): the authentication of AES-GCM.
 *
 * Multiplies with integers that have holes for their carries, so there is no table, and no branch by what is secret.
 */

#ifndef BAKELITE_GHASH_H
#define BAKELITE_GHASH_H

#include "core.h"

#define GHASH_BLOCK 16

struct ghash {
    uint32_t key[9]; /* H, the lowest word first, and sums of its words */
    uint32_t backwards[9]; /* the same with each word's bits reversed */
    uint32_t sum[4];
};

CORE void ghash_begin(struct ghash *ghash, const uint32_t *key);

/* Octets, filled up with zeros to whole blocks. */
CORE void ghash_add(struct ghash *ghash, const uint8_t *octets, uint32_t length);

/* The lengths in octets of what is authenticated only and of what is encrypted; the digest. */
CORE void ghash_end(struct ghash *ghash, uint32_t clear, uint32_t encrypted, uint8_t *digest);

#endif
