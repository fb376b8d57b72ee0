/* SRTP under hostile packets, to be built with the sanitizers: every buffer is exactly as long as said. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CORE static
#include "srtp_core.c"

static uint32_t dice = 1;

static uint32_t below(uint32_t limit)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 8) % limit;
}

static int pass_on(int function, struct srtp *srtp, const uint8_t *octets, uint32_t length, uint32_t room,
                   uint8_t *out)
{
    uint8_t *exact = malloc(length + room ? length + room : 1);
    memcpy(exact, octets, length);
    int result = function == 0   ? srtp_protect(srtp, exact, length, length + room)
                 : function == 1 ? srtp_protect_rtcp(srtp, exact, length, length + room)
                 : function == 2 ? srtp_unprotect(srtp, exact, length)
                                 : srtp_unprotect_rtcp(srtp, exact, length);
    if (result > 0) {
        memcpy(out, exact, (size_t)result);
    }
    free(exact);
    return result;
}

int main(void)
{
    for (uint32_t round = 0; round < 40; round++) {
        uint32_t suite = round % SRTP_SUITES, mki_octets = round % 3 * 64;
        uint8_t key[46], mki[SRTP_MAX_MKI], packet[400], sealed[700], opened[700];
        struct srtp *sender = malloc(srtp_size()), *receiver = malloc(srtp_size()), *before = malloc(srtp_size());
        memset(key, (int)round, sizeof key);
        memset(mki, 7, sizeof mki);
        srtp_start(before, srtp_size(), 0, key, 30, mki, 0, 0);
        srtp_start(sender, srtp_size(), suite, key, srtp_key_octets(suite), mki, mki_octets, 0);
        srtp_start(receiver, srtp_size(), suite, key, srtp_key_octets(suite), mki, mki_octets, round % 5 * 300);
        for (uint32_t number = 0; number < 2500; number++) {
            int rtcp = below(4) == 0;
            uint32_t length = rtcp ? 8 + below(60) * 4 : 12 + below(200);
            for (uint32_t at = 0; at < length; at++) {
                packet[at] = (uint8_t)below(256);
            }
            packet[0] = (uint8_t)(below(10) ? 0x80 : below(256));
            write16(packet + 2, number * (round % 7 * 37 + 1));
            write32(packet + (rtcp ? 4 : 8), below(20) ? 9 : below(6));
            int result = pass_on(rtcp, sender, packet, length, below(2) ? SRTP_MAX_GROWTH : below(170), sealed);
            if (result > 0) {
                uint32_t end = (uint32_t)result;
                if (below(3) == 0) {
                    sealed[below(end)] ^= (uint8_t)(1 << below(8));
                }
                if (below(4) == 0) {
                    end = below(end + 1);
                }
                pass_on(2 + rtcp, receiver, sealed, end, 0, opened);
                pass_on(2 + (int)below(2), receiver, sealed, end, 0, opened);
            }
            pass_on(2 + (int)below(2), receiver, packet, below(length + 1), 0, opened);
            if (below(400) == 0) {
                srtp_follow(receiver, below(2) ? sender : before);
            }
        }
        srtp_wipe(sender, srtp_size());
        for (uint32_t at = 0; at < srtp_size(); at++) {
            if (((uint8_t *)sender)[at]) {
                return 1;
            }
        }
        free(sender);
        free(receiver);
        free(before);
    }
    puts("sound");
    return 0;
}
