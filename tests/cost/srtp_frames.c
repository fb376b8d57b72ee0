/* What encryption costs in C: an SRTP packet of G.711 sealed and one opened, 172 octets each.
 *
 * Each case runs under many keys and prints a line: its name, the dearest pair of packets, the mean of all, and the
 * cheapest. That these are the same shows that the time does not depend on what is secret.
 */

#include "../../firmware/native/core/srtp.h"

#include "counting.h"

#define KEYS 8
#define PACKETS 20
#define OCTETS 172

static struct srtp sender, receiver;
static uint8_t octets[OCTETS + SRTP_MAX_GROWTH];

static void measure_srtp(const char *name, uint32_t suite)
{
    static uint32_t dice = 1;
    uint32_t dearest = 0, cheapest = 0xFFFFFFFFu, sum = 0;
    for (uint32_t round = 0; round < KEYS; round++) {
        uint8_t key[46];
        for (uint32_t at = 0; at < sizeof key; at++) {
            dice = dice * 1664525u + 1013904223u;
            key[at] = (uint8_t)(round == 0 ? 0 : round == 1 ? 255 : dice >> 24);
        }
        srtp_start(&sender, sizeof sender, suite, key, srtp_key_octets(suite), key, 0, 0);
        srtp_start(&receiver, sizeof receiver, suite, key, srtp_key_octets(suite), key, 0, 0);
        for (uint32_t number = 0; number < PACKETS; number++) {
            for (uint32_t at = 0; at < OCTETS; at++) {
                octets[at] = (uint8_t)(at < 12 ? 0 : number * at);
            }
            octets[0] = 0x80;
            octets[3] = (uint8_t)number;
            uint32_t begin = instructions();
            int length = srtp_protect(&sender, octets, OCTETS, sizeof octets);
            srtp_unprotect(&receiver, octets, (uint32_t)length);
            uint32_t cost = instructions() - begin;
            if (number > 0) {
                dearest = cost > dearest ? cost : dearest;
                cheapest = cost < cheapest ? cost : cheapest;
                sum += cost;
            }
        }
    }
    print(name);
    put(' ');
    print_number(dearest);
    put(' ');
    print_number(sum / (KEYS * (PACKETS - 1)));
    put(' ');
    print_number(cheapest);
    put('\n');
}

int main(void)
{
    measure_srtp("srtp-80", SRTP_AES_128_SHA1_80);
    measure_srtp("srtp-32", SRTP_AES_128_SHA1_32);
    measure_srtp("srtp-256", SRTP_AES_256_SHA1_80);
    measure_srtp("srtp-gcm", SRTP_AEAD_AES_128);
    finish();
    for (;;) {
    }
}
