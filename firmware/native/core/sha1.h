/* SHA-1 (FIPS 180-4) and HMAC with it (RFC 2104): what an SRTP packet is authenticated with. */

#ifndef BAKELITE_SHA1_H
#define BAKELITE_SHA1_H

#include "core.h"

#define SHA1_BLOCK 64
#define SHA1_DIGEST 20

/* A digest under way. */
struct sha1 {
    uint32_t state[5];
    uint32_t octets; /* taken so far */
    uint8_t block[SHA1_BLOCK];
};

/* A key, as the states after its first block inwards and outwards: two compressions less a packet. */
struct hmac_key {
    uint32_t inner[5];
    uint32_t outer[5];
};

CORE void hmac_start(struct hmac_key *key, const uint8_t *octets, uint32_t length);

/* A message of one or more parts. */
CORE void hmac_begin(struct sha1 *sha1, const struct hmac_key *key);
CORE void hmac_add(struct sha1 *sha1, const uint8_t *octets, uint32_t length);
CORE void hmac_end(struct sha1 *sha1, const struct hmac_key *key, uint8_t *digest);

#endif
