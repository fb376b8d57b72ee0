/* SRTP and SRTCP (RFC 3711): one master key, one direction, up to SRTP_STREAMS sources.
 *
 * The state is a buffer of srtp_size() octets, aligned to 4, that the caller owns and wipes. A packet is protected
 * and unprotected where it lies. Every function checks what it is given: -1 for a buffer that is no state, and for
 * lengths that cannot be.
 */

#ifndef BAKELITE_SRTP_H
#define BAKELITE_SRTP_H

#include "aes.h"
#include "ghash.h"
#include "sha1.h"
#include "srtp_streams.h"

enum srtp_suite {
    SRTP_AES_128_SHA1_80, /* RFC 4568 §6.2.1 */
    SRTP_AES_128_SHA1_32, /* §6.2.2: RTP's tag has 4 octets, RTCP's 10 */
    SRTP_AES_256_SHA1_80, /* RFC 6188 */
    SRTP_AEAD_AES_128,    /* RFC 7714 */
    SRTP_SUITES
};

#define SRTP_MAX_MKI 128    /* RFC 4568 §6.1 */
#define SRTP_MAX_TAG 16
#define SRTCP_INDEX 4
/* What protecting may add to a packet. */
#define SRTP_MAX_GROWTH (SRTP_MAX_TAG + SRTCP_INDEX + SRTP_MAX_MKI)

/* What srtp_counters gives, in this order. */
enum srtp_counter {
    SRTP_PACKETS,     /* protected, or unprotected well: RTP; the key's lifetime is counted in them */
    SRTCP_PACKETS,
    SRTP_UNAUTHENTIC, /* refused: their tag is another */
    SRTP_REPLAYED,    /* refused: seen before, or older than the window */
    SRTP_MALFORMED,   /* refused: no SRTP packet, or under another master key (MKI) */
    SRTP_EXPIRED,     /* refused: the key has done what it may */
    SRTP_COUNTERS
};

/* Session keys (RFC 3711 §4.3), of RTP or of RTCP. */
struct srtp_keys {
    struct aes aes;
    struct hmac_key hmac;
    uint32_t hash[4]; /* GHASH's key */
    uint32_t salt[4];
};

struct srtp {
    uint32_t magic;
    uint32_t suite;
    uint32_t lifetime; /* packets of either kind; 0: 2^31 */
    uint32_t mki_octets;
    uint32_t counters[SRTP_COUNTERS];
    struct srtp_keys rtp;
    struct srtp_keys rtcp;
    struct srtp_streams streams;
    uint8_t mki[SRTP_MAX_MKI];
};

CORE uint32_t srtp_size(void);

/* Octets of a suite's master key and salt together; 0 for no suite. */
CORE uint32_t srtp_key_octets(uint32_t suite);

/* Derive the session keys. `mki` stands behind each packet, `mki_octets` 0 for none; `lifetime` is in packets, 0 for
 * as many as the suite allows. */
CORE int srtp_start(void *state, uint32_t octets, uint32_t suite, const uint8_t *key, uint32_t key_octets,
                    const uint8_t *mki, uint32_t mki_octets, uint32_t lifetime);

/* Go on where `before` is, with the new key: rollover counters are not begun again (RFC 3711 §3.3.1). */
CORE int srtp_follow(struct srtp *srtp, const struct srtp *before);

/* The new length; 0 for what must not be sent: no RTP, or the key has expired. `room` is that of the buffer. */
CORE int srtp_protect(struct srtp *srtp, uint8_t *packet, uint32_t length, uint32_t room);
CORE int srtp_protect_rtcp(struct srtp *srtp, uint8_t *packet, uint32_t length, uint32_t room);

/* The same, of a packet that stays as it is: into a buffer of `room` octets. */
CORE int srtp_protect_into(struct srtp *srtp, const uint8_t *packet, uint32_t length, uint8_t *into, uint32_t room);

/* The new length; 0 for what is refused, and counted: the packet is then as it was. */
CORE int srtp_unprotect(struct srtp *srtp, uint8_t *packet, uint32_t length);
CORE int srtp_unprotect_rtcp(struct srtp *srtp, uint8_t *packet, uint32_t length);

CORE int srtp_counters(const struct srtp *srtp, uint32_t *counters, uint32_t count);

/* Nothing of the keys is left. */
CORE int srtp_wipe(void *state, uint32_t octets);

#endif
