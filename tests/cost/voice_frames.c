/* What one frame costs in C: a voice sent, received through the jitter buffer and played, frame by frame.
 *
 * What it speaks of the machine with is in counting.h. Prints a line per case: its name, the dearest frame, the mean
 * of all frames.
 */

#include "../../firmware/native/core/voice.h"

#include "counting.h"

#define WARM_UP 25
#define FRAMES 100

static struct voice voice;
static uint32_t wire[960]; /* the largest frame: 20 ms of 32 bits at 48 kHz */
static uint32_t packet[VOICE_PACKET / 4];

/* Something as loud and uneven as speech: a triangle whose height and pitch change, and some noise. */
static void speak(uint32_t rate, uint32_t bits)
{
    static uint32_t phase, dice = 1, time;
    uint32_t samples = rate / 50;
    for (uint32_t index = 0; index < samples; index++) {
        dice = dice * 1664525u + 1013904223u;
        phase += (1100u + (time >> 4) % 900u) * (8000u / 100u) * 65536u / rate / 8u;
        int32_t height = (int32_t)(phase & 0xFFFF) - 32768;
        height = (height < 0 ? -height : height) - 16384;
        height = height / 2 + (int32_t)(dice >> 22) - 512;
        if (bits == 32) {
            wire[index] = (uint32_t)height << 16;
        } else {
            ((int16_t *)wire)[index] = (int16_t)height;
        }
    }
    time += 160;
}

static void measure(const char *name, uint32_t rate, uint32_t bits, enum law law, uint32_t lost_every)
{
    const uint32_t parameters[VOICE_OPEN_PARAMETERS] = { law, law, law, 101, 1, 2, 3, 20, 200 };
    uint32_t dearest = 0;
    uint32_t sum = 0;
    voice_start(&voice, sizeof voice, rate, bits);
    voice_open(&voice, parameters, VOICE_OPEN_PARAMETERS);
    for (uint32_t frame = 0; frame < WARM_UP + FRAMES; frame++) {
        uint32_t now = frame * 20;
        int arrives = lost_every == 0 || frame % lost_every;
        speak(rate, bits);
        uint32_t begin = instructions();
        int length = voice_transmit(&voice, wire, rate / 50 * (bits / 8), (uint8_t *)packet, sizeof packet, now);
        if (arrives) {
            voice_receive(&voice, (uint8_t *)packet, (uint32_t)length, now);
        }
        voice_playout(&voice, (int16_t *)wire, rate / 50 * 2);
        uint32_t cost = instructions() - begin;
        if (frame >= WARM_UP) {
            dearest = cost > dearest ? cost : dearest;
            sum += cost;
        }
    }
    print(name);
    put(' ');
    print_number(dearest);
    put(' ');
    print_number(sum / FRAMES);
    put('\n');
}

int main(void)
{
#if WIDE
    measure("g722", 16000, 16, CODEC_G722, 0);
    measure("g722-48000", 48000, 32, CODEC_G722, 0);
    measure("g722-lossy", 16000, 16, CODEC_G722, 10);
    measure("g722-pcmu", 16000, 16, LAW_MU, 0);
#else
    measure("8000-pcmu", 8000, 16, LAW_MU, 0);
    measure("8000-pcma", 8000, 16, LAW_A, 0);
    measure("48000-pcmu", 48000, 32, LAW_MU, 0);
    measure("48000-pcma", 48000, 32, LAW_A, 0);
    measure("8000-pcmu-lossy", 8000, 16, LAW_MU, 10);
#endif
    finish();
    for (;;) {
    }
}
