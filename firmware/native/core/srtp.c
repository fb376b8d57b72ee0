#include "srtp.h"

#define SRTP_MAGIC 0x42414B32u
#define SRTP_WRONG (-1)

#define MASTER_SALT 14
#define AEAD_SALT 12
#define AUTHENTICATION_KEY 20

#define RTP_FIXED_HEADER 12
#define RTCP_HEADER 8
#define RTCP_TAG 10 /* of either HMAC suite: RFC 4568 §6.2.2 */
#define ENCRYPTED 0x80000000u
#define MAX_LIFETIME 0x80000000u

/* RFC 3711 §4.3.2; RTCP's are three higher. */
enum label { LABEL_ENCRYPTION, LABEL_AUTHENTICATION, LABEL_SALT, LABEL_RTCP };

static int is_aead(const struct srtp *srtp)
{
    return srtp->suite == SRTP_AEAD_AES_128;
}

static int is_srtp(const struct srtp *srtp)
{
    return srtp && ((uintptr_t)srtp & 3) == 0 && srtp->magic == SRTP_MAGIC;
}

CORE uint32_t srtp_size(void)
{
    return sizeof(struct srtp);
}

static uint32_t cipher_key_octets(uint32_t suite)
{
    return suite == SRTP_AES_256_SHA1_80 ? 32 : 16;
}

CORE uint32_t srtp_key_octets(uint32_t suite)
{
    if (suite >= SRTP_SUITES) {
        return 0;
    }
    return cipher_key_octets(suite) + (suite == SRTP_AEAD_AES_128 ? AEAD_SALT : MASTER_SALT);
}

/* -- keys ------------------------------------------------------------------------------------------------ */

/* RFC 3711 §4.3.1 and .3: the label is octet 7 of what the salt is added to. */
static void derive(const struct aes *master, const uint32_t *salt, uint32_t label, uint8_t *key, uint32_t octets)
{
    uint32_t counter[4] = { salt[0], salt[1] ^ label, salt[2], salt[3] };
    aes_key_stream(master, counter, key, octets);
}

/* Octets as the words of a block, filled up with zeros. */
static void read_block(uint32_t *words, const uint8_t *octets, uint32_t length)
{
    uint8_t block[AES_BLOCK];
    for (uint32_t at = 0; at < AES_BLOCK; at++) {
        block[at] = at < length ? octets[at] : 0;
    }
    for (uint32_t at = 0; at < 4; at++) {
        words[at] = read32(block + at * 4);
    }
    clear_octets(block, sizeof block);
}

static void derive_all(const struct srtp *srtp, struct srtp_keys *keys, const struct aes *master,
                       const uint32_t *salt, uint32_t first)
{
    uint8_t key[32];
    uint32_t octets = cipher_key_octets(srtp->suite);
    derive(master, salt, first + LABEL_ENCRYPTION, key, octets);
    aes_start(&keys->aes, key, octets);
    octets = is_aead(srtp) ? AEAD_SALT : MASTER_SALT;
    derive(master, salt, first + LABEL_SALT, key, octets);
    read_block(keys->salt, key, octets);
    if (is_aead(srtp)) {
        const uint32_t zero[4] = { 0, 0, 0, 0 };
        aes_key_stream(&keys->aes, zero, key, GHASH_BLOCK);
        for (uint32_t at = 0; at < 4; at++) {
            keys->hash[3 - at] = read32(key + at * 4);
        }
    } else {
        derive(master, salt, first + LABEL_AUTHENTICATION, key, AUTHENTICATION_KEY);
        hmac_start(&keys->hmac, key, AUTHENTICATION_KEY);
    }
    clear_octets(key, sizeof key);
}

CORE int srtp_start(void *state, uint32_t octets, uint32_t suite, const uint8_t *key, uint32_t key_octets,
                    const uint8_t *mki, uint32_t mki_octets, uint32_t lifetime)
{
    struct srtp *srtp = state;
    if (octets < sizeof *srtp || ((uintptr_t)state & 3) || suite >= SRTP_SUITES
        || key_octets != srtp_key_octets(suite) || mki_octets > SRTP_MAX_MKI || lifetime > MAX_LIFETIME) {
        return SRTP_WRONG;
    }
    clear_octets(srtp, sizeof *srtp);
    srtp->magic = SRTP_MAGIC;
    srtp->suite = suite;
    srtp->lifetime = lifetime ? lifetime : MAX_LIFETIME;
    srtp->mki_octets = mki_octets;
    for (uint32_t at = 0; at < mki_octets; at++) {
        srtp->mki[at] = mki[at];
    }
    struct aes master;
    uint32_t salt[4];
    uint32_t cipher_key = cipher_key_octets(suite);
    aes_start(&master, key, cipher_key);
    read_block(salt, key + cipher_key, key_octets - cipher_key);
    derive_all(srtp, &srtp->rtp, &master, salt, 0);
    derive_all(srtp, &srtp->rtcp, &master, salt, LABEL_RTCP);
    clear_octets(&master, sizeof master);
    clear_octets(salt, sizeof salt);
    return 0;
}

CORE int srtp_follow(struct srtp *srtp, const struct srtp *before)
{
    if (!is_srtp(srtp) || !is_srtp(before)) {
        return SRTP_WRONG;
    }
    streams_follow(&srtp->streams, &before->streams);
    return 0;
}

CORE int srtp_wipe(void *state, uint32_t octets)
{
    if (octets < sizeof(struct srtp)) {
        return SRTP_WRONG;
    }
    /* `volatile`: a compiler may leave out stores that nobody reads. */
    volatile uint8_t *at = state;
    while (octets--) {
        *at++ = 0;
    }
    return 0;
}

/* -- one packet ------------------------------------------------------------------------------------------ */

/* Octets that are not encrypted at its beginning; 0 for what is no RTP packet. */
static uint32_t rtp_clear(const uint8_t *octets, uint32_t length)
{
    if (length < RTP_FIXED_HEADER || octets[0] >> 6 != 2) {
        return 0;
    }
    uint32_t offset = RTP_FIXED_HEADER + 4 * (octets[0] & 15u);
    if (octets[0] & 0x10) {
        if (offset + 4 > length) {
            return 0;
        }
        offset += 4 + 4 * read16(octets + offset + 2);
    }
    return offset <= length ? offset : 0;
}

static uint32_t rtcp_clear(const uint8_t *octets, uint32_t length)
{
    return length >= RTCP_HEADER && octets[0] >> 6 == 2 ? RTCP_HEADER : 0;
}

static uint32_t tag_octets(const struct srtp *srtp, int rtcp)
{
    if (is_aead(srtp)) {
        return GHASH_BLOCK;
    }
    return srtp->suite == SRTP_AES_128_SHA1_32 && !rtcp ? 4 : RTCP_TAG;
}

/* The first block of the key stream: RFC 3711 §4.1.1; RFC 7714 §8.1 and §9.1. */
static void first_counter(const struct srtp *srtp, const struct srtp_keys *keys, uint32_t ssrc,
                          struct srtp_index index, uint32_t *counter)
{
    const uint32_t *salt = keys->salt;
    if (is_aead(srtp)) {
        counter[0] = salt[0] ^ ssrc >> 16;
        counter[1] = salt[1] ^ (ssrc << 16 | index.high >> 16);
        counter[2] = salt[2] ^ (index.high << 16 | index.low);
        counter[3] = 1;
    } else {
        counter[0] = salt[0];
        counter[1] = salt[1] ^ ssrc;
        counter[2] = salt[2] ^ index.high;
        counter[3] = salt[3] ^ index.low << 16;
    }
}

/* Encrypts, and decrypts. */
static void apply_stream(const struct srtp *srtp, const struct srtp_keys *keys, uint32_t ssrc,
                         struct srtp_index index, uint8_t *octets, uint32_t length)
{
    uint32_t counter[4];
    first_counter(srtp, keys, ssrc, index, counter);
    counter[3] += (uint32_t)is_aead(srtp); /* AEAD's first block is for the tag */
    aes_counter_mode(&keys->aes, counter, octets, length);
}

/* The tag of `length` octets of which the first `clear` are not encrypted; `word` is the rollover counter, for RTCP
 * the index and whether it is encrypted. `digest` has room for SHA1_DIGEST. */
static void authenticate(const struct srtp *srtp, const struct srtp_keys *keys, uint32_t ssrc,
                         struct srtp_index index, int rtcp, const uint8_t *packet, uint32_t clear, uint32_t length,
                         uint8_t *digest)
{
    uint8_t word[SRTCP_INDEX];
    write32(word, rtcp ? ENCRYPTED | index.high << 16 | index.low : index.high);
    if (!is_aead(srtp)) {
        struct sha1 sha1;
        hmac_begin(&sha1, &keys->hmac);
        hmac_add(&sha1, packet, length);
        hmac_add(&sha1, word, sizeof word);
        hmac_end(&sha1, &keys->hmac, digest);
        return;
    }
    struct ghash ghash;
    uint32_t counter[4];
    ghash_begin(&ghash, keys->hash);
    if (rtcp) {
        uint8_t header[RTCP_HEADER + SRTCP_INDEX];
        for (uint32_t at = 0; at < sizeof header; at++) {
            header[at] = at < RTCP_HEADER ? packet[at] : word[at - RTCP_HEADER];
        }
        ghash_add(&ghash, header, sizeof header);
    } else {
        ghash_add(&ghash, packet, clear);
    }
    ghash_add(&ghash, packet + clear, length - clear);
    ghash_end(&ghash, clear + (rtcp ? SRTCP_INDEX : 0), length - clear, digest);
    first_counter(srtp, keys, ssrc, index, counter);
    aes_counter_mode(&keys->aes, counter, digest, GHASH_BLOCK);
}

/* Without a branch by what differs where. */
static int equal(const uint8_t *one, const uint8_t *other, uint32_t length)
{
    uint32_t difference = 0;
    while (length--) {
        difference |= (uint32_t)(*one++ ^ *other++);
    }
    return difference == 0;
}

static uint8_t *append(uint8_t *at, const uint8_t *octets, uint32_t length)
{
    while (length--) {
        *at++ = *octets++;
    }
    return at;
}

/* Encrypt, and put behind it what belongs there; the new length. */
static int seal(const struct srtp *srtp, int rtcp, uint32_t ssrc, struct srtp_index index, uint8_t *packet,
                uint32_t clear, uint32_t length)
{
    const struct srtp_keys *keys = rtcp ? &srtp->rtcp : &srtp->rtp;
    uint8_t digest[SHA1_DIGEST], word[SRTCP_INDEX];
    uint8_t *end = packet + length;
    uint32_t tag = tag_octets(srtp, rtcp);
    apply_stream(srtp, keys, ssrc, index, packet + clear, length - clear);
    authenticate(srtp, keys, ssrc, index, rtcp, packet, clear, length, digest);
    write32(word, ENCRYPTED | index.high << 16 | index.low);
    if (is_aead(srtp)) {
        end = append(end, digest, tag);
    }
    end = append(end, word, rtcp ? SRTCP_INDEX : 0);
    end = append(end, srtp->mki, srtp->mki_octets);
    if (!is_aead(srtp)) {
        end = append(end, digest, tag);
    }
    return (int)(end - packet);
}

static int count(struct srtp *srtp, enum srtp_counter counter)
{
    srtp->counters[counter]++;
    return 0;
}

static int is_expired(const struct srtp *srtp, int rtcp)
{
    return srtp->counters[rtcp ? SRTCP_PACKETS : SRTP_PACKETS] >= srtp->lifetime;
}

CORE int srtp_protect(struct srtp *srtp, uint8_t *packet, uint32_t length, uint32_t room)
{
    if (!is_srtp(srtp) || length > room || room - length < tag_octets(srtp, 0) + srtp->mki_octets) {
        return SRTP_WRONG;
    }
    uint32_t clear = rtp_clear(packet, length);
    if (clear == 0) {
        return count(srtp, SRTP_MALFORMED);
    }
    uint32_t ssrc = read32(packet + 8);
    struct srtp_index index = { 0, read16(packet + 2) };
    struct srtp_stream *stream = streams_claim(&srtp->streams, ssrc);
    if (stream->rtp.started) {
        index.high = window_rollover(&stream->rtp, index.low);
    }
    /* The same key stream twice would give both packets away. */
    if (!window_is_new(&stream->rtp, index) || index.high + 1 == 0) {
        return count(srtp, SRTP_REPLAYED);
    }
    if (is_expired(srtp, 0)) {
        return count(srtp, SRTP_EXPIRED);
    }
    window_note(&stream->rtp, index);
    count(srtp, SRTP_PACKETS);
    return seal(srtp, 0, ssrc, index, packet, clear, length);
}

CORE int srtp_protect_into(struct srtp *srtp, const uint8_t *packet, uint32_t length, uint8_t *into, uint32_t room)
{
    if (length > room) {
        return SRTP_WRONG;
    }
    append(into, packet, length);
    return srtp_protect(srtp, into, length, room);
}

CORE int srtp_protect_rtcp(struct srtp *srtp, uint8_t *packet, uint32_t length, uint32_t room)
{
    if (!is_srtp(srtp) || length > room
        || room - length < tag_octets(srtp, 1) + SRTCP_INDEX + srtp->mki_octets) {
        return SRTP_WRONG;
    }
    uint32_t clear = rtcp_clear(packet, length);
    if (clear == 0) {
        return count(srtp, SRTP_MALFORMED);
    }
    if (is_expired(srtp, 1)) {
        return count(srtp, SRTP_EXPIRED);
    }
    uint32_t ssrc = read32(packet + 4);
    struct srtp_window *window = &streams_claim(&srtp->streams, ssrc)->rtcp;
    uint32_t next = window->started ? (window->high << 16 | window->low) + 1 : 0;
    if (next >= ENCRYPTED) {
        return count(srtp, SRTP_EXPIRED);
    }
    struct srtp_index index = { next >> 16, next & 0xFFFF };
    window_note(window, index);
    count(srtp, SRTCP_PACKETS);
    return seal(srtp, 1, ssrc, index, packet, clear, length);
}

/* Whether the tag is that of the packet; `whole` is the length with all that is behind it. */
static int is_authentic(const struct srtp *srtp, int rtcp, uint32_t ssrc, struct srtp_index index,
                        const uint8_t *packet, uint32_t clear, uint32_t length, uint32_t whole)
{
    uint8_t digest[SHA1_DIGEST];
    uint32_t tag = tag_octets(srtp, rtcp);
    authenticate(srtp, rtcp ? &srtp->rtcp : &srtp->rtp, ssrc, index, rtcp, packet, clear, length, digest);
    return equal(digest, packet + (is_aead(srtp) ? length : whole - tag), tag);
}

/* Where the packet ends without what was put behind it; 0 for one that is too short, or of another master key. */
static uint32_t open_end(const struct srtp *srtp, int rtcp, const uint8_t *packet, uint32_t length)
{
    uint32_t tag = tag_octets(srtp, rtcp);
    uint32_t behind = tag + (rtcp ? SRTCP_INDEX : 0) + srtp->mki_octets;
    if (length < behind) {
        return 0;
    }
    const uint8_t *mki = packet + length - srtp->mki_octets - (is_aead(srtp) ? 0 : tag);
    return equal(mki, srtp->mki, srtp->mki_octets) ? length - behind : 0;
}

/* A source that is not known yet, or goes on under a new key, may have rolled over before we heard it. */
static int find_rollover(const struct srtp *srtp, const struct srtp_stream *stream, uint32_t ssrc,
                         struct srtp_index *index, const uint8_t *packet, uint32_t clear, uint32_t end,
                         uint32_t length)
{
    if (stream && stream->rtp.started) {
        index->high = window_rollover(&stream->rtp, index->low);
        if (is_authentic(srtp, 0, ssrc, *index, packet, clear, end, length)) {
            return 1;
        }
        if (!(stream->inherited & INHERITED_RTP)) {
            return 0;
        }
    }
    for (index->high = 0; index->high < 2; index->high++) {
        if (is_authentic(srtp, 0, ssrc, *index, packet, clear, end, length)) {
            return 1;
        }
    }
    return 0;
}

CORE int srtp_unprotect(struct srtp *srtp, uint8_t *packet, uint32_t length)
{
    if (!is_srtp(srtp)) {
        return SRTP_WRONG;
    }
    uint32_t end = open_end(srtp, 0, packet, length);
    uint32_t clear = end ? rtp_clear(packet, end) : 0;
    if (clear == 0) {
        return count(srtp, SRTP_MALFORMED);
    }
    uint32_t ssrc = read32(packet + 8);
    struct srtp_index index = { 0, read16(packet + 2) };
    struct srtp_stream *stream = streams_find(&srtp->streams, ssrc);
    if (stream && !(stream->inherited & INHERITED_RTP) && stream->rtp.started) {
        index.high = window_rollover(&stream->rtp, index.low);
        if (!window_is_new(&stream->rtp, index) || index.high + 1 == 0) {
            return count(srtp, SRTP_REPLAYED);
        }
    }
    if (is_expired(srtp, 0)) {
        return count(srtp, SRTP_EXPIRED);
    }
    if (!find_rollover(srtp, stream, ssrc, &index, packet, clear, end, length)) {
        return count(srtp, SRTP_UNAUTHENTIC);
    }
    stream = streams_claim(&srtp->streams, ssrc);
    if (stream->inherited & INHERITED_RTP) {
        clear_octets(&stream->rtp, sizeof stream->rtp);
        stream->inherited &= ~INHERITED_RTP;
    }
    window_note(&stream->rtp, index);
    count(srtp, SRTP_PACKETS);
    apply_stream(srtp, &srtp->rtp, ssrc, index, packet + clear, end - clear);
    return (int)end;
}

CORE int srtp_unprotect_rtcp(struct srtp *srtp, uint8_t *packet, uint32_t length)
{
    if (!is_srtp(srtp)) {
        return SRTP_WRONG;
    }
    uint32_t end = open_end(srtp, 1, packet, length);
    uint32_t clear = end ? rtcp_clear(packet, end) : 0;
    if (clear == 0) {
        return count(srtp, SRTP_MALFORMED);
    }
    uint32_t word = read32(packet + end + (is_aead(srtp) ? GHASH_BLOCK : 0));
    if (!(word & ENCRYPTED)) {
        return count(srtp, SRTP_MALFORMED); /* UNENCRYPTED_SRTCP is not what was agreed on */
    }
    uint32_t ssrc = read32(packet + 4);
    struct srtp_index index = { word >> 16 & 0x7FFF, word & 0xFFFF };
    struct srtp_stream *stream = streams_find(&srtp->streams, ssrc);
    if (stream && !(stream->inherited & INHERITED_RTCP) && !window_is_new(&stream->rtcp, index)) {
        return count(srtp, SRTP_REPLAYED);
    }
    if (is_expired(srtp, 1)) {
        return count(srtp, SRTP_EXPIRED);
    }
    if (!is_authentic(srtp, 1, ssrc, index, packet, clear, end, length)) {
        return count(srtp, SRTP_UNAUTHENTIC);
    }
    stream = streams_claim(&srtp->streams, ssrc);
    if (stream->inherited & INHERITED_RTCP) {
        clear_octets(&stream->rtcp, sizeof stream->rtcp);
        stream->inherited &= ~INHERITED_RTCP;
    }
    window_note(&stream->rtcp, index);
    count(srtp, SRTCP_PACKETS);
    apply_stream(srtp, &srtp->rtcp, ssrc, index, packet + clear, end - clear);
    return (int)end;
}

CORE int srtp_counters(const struct srtp *srtp, uint32_t *counters, uint32_t length)
{
    if (!is_srtp(srtp) || ((uintptr_t)counters & 3) || length < SRTP_COUNTERS) {
        return SRTP_WRONG;
    }
    for (uint32_t at = 0; at < SRTP_COUNTERS; at++) {
        counters[at] = srtp->counters[at];
    }
    return 0;
}
