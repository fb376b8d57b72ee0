// The model of ESP-IDF below the ESP32 port's own C: what its files share.
//
// Written after IDF's documentation and headers; docs/ported.md says what is model and what is the port's.
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "freertos/FreeRTOS.h"

// What is asked of the chip when it is switched on: the environment variable ESP32_MODEL.
struct model_board {
    char chip[12];      // "esp32", "esp32s3", "esp32c3"
    char flash[256];    // file that holds the flash chip's content; "" for one that is forgotten
    char nvs[256];      // file that holds the NVS partition's values; "" for one that is forgotten
    uint32_t flash_size; // bytes
    uint32_t heap;      // bytes of internal RAM that IDF's heap has when MicroPython starts
    uint32_t psram;     // bytes
    uint32_t stack;     // bytes of the main task
};
extern struct model_board model_board;
bool model_is_classic(void); // the first ESP32, with its own I2S and Ethernet

// Time: microseconds since power-on. It passes faster or slower than the host's, as a test says.
int64_t model_now(void);
void model_leap(int64_t us); // time goes on by so much at once
void model_set_speed(int factor, int divisor);
int64_t model_tick_after(int64_t now); // when the next tick of 10 ms comes


// Waits for a condition variable until a time of the model, or for ever (-1). False when the time is over.
bool model_wait(pthread_cond_t *changed, pthread_mutex_t *lock, int64_t until);
void model_cond_init(pthread_cond_t *cond);

// Threads of the model: no signal reaches them, and all have ended before the interpreter does.
pthread_t model_start_thread(void *(*code)(void *), void *argument);
bool model_ending(void);
void model_at_end(void (*stop)(void)); // `stop` ends a file's threads and waits for them
void model_end(void);
_Noreturn void model_panic(const char *why); // what a chip does when it cannot go on: it resets

// The kernel's one lock, which guards all of FreeRTOS and the DMA of I2S (freertos.c).
void model_lock(void);
void model_unlock(void);
void model_changed(void);          // locked: something changed that a task may wait for
bool model_block(int64_t until);   // locked: a task waits for a change; false when the time is over
void model_idle(int64_t until);    // locked: hardware waits for a change or for the time
void model_ready(void);            // locked: what a task waited for is there; it goes on when it has the core
void model_wait_for_core(void);    // locked: the main task is preempted while another has the core
void model_keep_core(int64_t us);  // locked: what the main task does next takes it no time on a chip
void model_give(unsigned *semaphore);
bool model_take(unsigned *semaphore, TickType_t ticks);
void model_core_blocks(void);      // not locked: the main task begins to wait for something else
void model_core_runs(void);        // and is awake again
bool model_in_main_task(void);

// The wall clock (clock.c): seconds since 2000-01-01 as the port counts them; it starts at 0.
struct timeval;
int model_gettimeofday(struct timeval *now, void *zone);
int model_settimeofday(const struct timeval *now, const void *zone);

// Counters of what went wrong or was asked for, read by esp32_model.counters().
struct model_counters {
    uint32_t rx_overflows;   // microphone buffers lost in the driver's queue
    uint32_t tx_overflows;   // sent buffers that nobody filled again, lost in the driver's queue
    uint32_t host_late;      // times that the host ran a DMA thread too late: time was stretched
    uint32_t mailbox_drops;  // datagrams that came while six waited
    uint32_t fragments;      // datagrams larger than one packet
    uint32_t unroutable;     // datagrams and connections without an interface that is up
};
extern struct model_counters model_counters;

// I2S, from the wire's side (i2s.c): 16-bit samples of the left slot.
#define MODEL_I2S_CHANNELS 4
struct model_wire {
    int id, tx, bclk, ws, data, running;
    uint32_t rate, bits, slots;
};
bool model_i2s_wire(int index, struct model_wire *wire);
size_t model_i2s_hear(int index, const int16_t *samples, size_t count); // the microphone's, queued; how many fit
size_t model_i2s_said(int index, int16_t *samples, size_t count);       // what the loudspeaker was sent
size_t model_i2s_waiting(int index);
