/* The core under hostile packets, to be built with the sanitizers, and with -DWIDE=1: every buffer is as long as said. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CORE static
#include "voice_core.c"

static uint32_t state = 1;

static uint32_t below(uint32_t limit)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % limit;
}

static uint32_t make_packet(uint8_t *octets, uint32_t number)
{
    static const uint32_t lengths[] = {80, 160, 160, 160, 240, 320, 4, 7, 1};
    uint32_t length = lengths[below(9)];
    int event = length == 4;
    struct rtp_packet header = {event ? 101u : !WIDE ? 0u : below(40) ? 9u : below(10), below(2), number & 0xFFFF, number * 160, 7, 0, 0};
    rtp_write(octets, &header);
    for (uint32_t index = 0; index < length; index++) {
        octets[RTP_HEADER + index] = (uint8_t)below(256);
    }
    length += RTP_HEADER;
    if (below(3) == 0) {
        for (uint32_t change = below(4); change; change--) {
            octets[below(20) < length ? below(12) : 0] = (uint8_t)below(256);
        }
    }
    return below(5) ? length : below(length + 1);
}

int main(void)
{
    static const uint32_t rates[] = {8000, 16000, 48000};
    for (uint32_t round = 0; round < 12; round++) {
        uint32_t rate = rates[round % 3], bits = round & 1 ? 32 : 16;
        struct voice *voice = malloc(voice_size());
        void *capture = calloc(rate / 50, bits / 8);
        int16_t *earpiece = malloc(rate / 50 * 2);
        uint8_t *sent = malloc(VOICE_PACKET);
        uint32_t law = WIDE && rate != 8000 ? CODEC_G722 : round & 2 ? LAW_A : LAW_MU;
        uint32_t parameters[] = {law, 0, 9 * WIDE, 101, 1, 2, 3, 20 + round * 10, 200};
        voice_start(voice, voice_size(), rate, bits);
        voice_open(voice, parameters, VOICE_OPEN_PARAMETERS);
        for (uint32_t frame = 0; frame < 1500; frame++) {
            for (uint32_t count = below(3); count; count--) {
                uint8_t packet[400];
                uint32_t length = make_packet(packet, frame + below(20));
                uint8_t *exact = malloc(length ? length : 1);
                memcpy(exact, packet, length);
                voice_receive(voice, exact, length, frame * 20 + below(100));
                free(exact);
            }
            if (below(50) == 0) {
                uint8_t script[40];
                for (uint32_t index = 0; index < sizeof script; index++) {
                    script[index] = (uint8_t)(below(3) ? below(256) : 0);
                }
                voice_tone(voice, script, below(sizeof script));
                voice_send_digit(voice, below(20), below(300));
                voice_set(voice, below(6), below(40000));
                parameters[0] = below(3) ? law : LAW_MU;
                voice_update(voice, parameters, VOICE_UPDATE_PARAMETERS);
            }
            for (uint32_t index = 0; index < rate / 50 * bits / 8; index++) {
                ((uint8_t *)capture)[index] = (uint8_t)below(256);
            }
            if (voice_transmit(voice, capture, rate / 50 * bits / 8, sent, VOICE_PACKET, frame * 20) < 0
                || voice_playout(voice, earpiece, rate / 50 * 2) < 0) {
                return 1;
            }
            while (voice_next_digit(voice) >= 0) {
            }
        }
        free(voice);
        free(capture);
        free(earpiece);
        free(sent);
    }
    puts("sound");
    return 0;
}
