// Power-on: which chip this is, how time passes, and how everything ends.
#include "model.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_STOPS 16
#define RESET 75 // the exit code that asks whoever runs this process to run it again, as hal/sim has it
#define TICK_US 10000
#define LOOK_US 20000 // of the host's time

struct model_board model_board = {.chip = "esp32s3", .flash_size = 8 << 20, .heap = 0, .psram = 0, .stack = 16 << 10};
struct model_counters model_counters;

static pthread_mutex_t clock_lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t host_base, model_base; // the host's and the model's time when the speed was last set
static int speed = 1, slowness = 1;

static int stop_count;
static void (*stops[MOST_STOPS])(void);
static volatile bool ending;

static int64_t host_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

bool model_is_classic(void) {
    return strcmp(model_board.chip, "esp32") == 0;
}

int64_t model_now(void) {
    pthread_mutex_lock(&clock_lock);
    int64_t now = model_base + (host_now() - host_base) * speed / slowness;
    pthread_mutex_unlock(&clock_lock);
    return now;
}

void model_set_speed(int factor, int divisor) {
    int64_t now = model_now();
    pthread_mutex_lock(&clock_lock);
    model_base = now;
    host_base = host_now();
    speed = factor < 1 ? 1 : factor;
    slowness = divisor < 1 ? 1 : divisor;
    pthread_mutex_unlock(&clock_lock);
}

void model_leap(int64_t us) {
    pthread_mutex_lock(&clock_lock);
    model_base += us;
    pthread_mutex_unlock(&clock_lock);
}

int64_t model_tick_after(int64_t now) {
    return (now / TICK_US + 1) * TICK_US;
}

static int64_t host_time(int64_t until) {
    pthread_mutex_lock(&clock_lock);
    int64_t host = host_base + ((until - model_base) * slowness + speed - 1) / speed;
    pthread_mutex_unlock(&clock_lock);
    return host;
}

bool model_wait(pthread_cond_t *changed, pthread_mutex_t *lock, int64_t until) {
    if (until < 0) {
        pthread_cond_wait(changed, lock);
        return true;
    }
    // Time may leap: who waits for long looks at the clock in between.
    int64_t host = host_time(until), soon = host_now() + LOOK_US;
    bool whole = host <= soon;
    host = whole ? host : soon;
    struct timespec end = {.tv_sec = host / 1000000, .tv_nsec = host % 1000000 * 1000};
    return pthread_cond_timedwait(changed, lock, &end) != ETIMEDOUT || !whole;
}

void model_cond_init(pthread_cond_t *cond) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
}

pthread_t model_start_thread(void *(*code)(void *), void *argument) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_t thread;
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, code, argument) != 0) {
        model_panic("the host has no more threads");
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return thread;
}

bool model_ending(void) {
    return ending;
}

void model_at_end(void (*stop)(void)) {
    stops[stop_count++] = stop;
}

// Wake every thread of the model and wait until it has seen that the end has come.
void model_end(void) {
    ending = true;
    for (int i = 0; i < stop_count; i++) {
        stops[i]();
    }
}

void model_panic(const char *why) {
    fflush(stdout);
    fprintf(stderr, "Guru Meditation Error: %s\n", why);
    fflush(stderr);
    _exit(RESET);
}

static uint32_t size_of(const char *text) {
    char *end;
    uint32_t size = strtoul(text, &end, 0);
    return *end == 'k' ? size << 10 : *end == 'm' ? size << 20 : size;
}

static void set(const char *name, const char *value) {
    if (strcmp(name, "chip") == 0) {
        snprintf(model_board.chip, sizeof(model_board.chip), "%s", value);
    } else if (strcmp(name, "flash") == 0) {
        snprintf(model_board.flash, sizeof(model_board.flash), "%s", value);
    } else if (strcmp(name, "nvs") == 0) {
        snprintf(model_board.nvs, sizeof(model_board.nvs), "%s", value);
    } else if (strcmp(name, "flash_size") == 0) {
        model_board.flash_size = size_of(value);
    } else if (strcmp(name, "heap") == 0) {
        model_board.heap = size_of(value);
    } else if (strcmp(name, "psram") == 0) {
        model_board.psram = size_of(value);
    } else if (strcmp(name, "stack") == 0) {
        model_board.stack = size_of(value);
    } else if (strcmp(name, "speed") == 0) {
        speed = atoi(value) > 0 ? atoi(value) : 1;
    } else {
        fprintf(stderr, "ESP32_MODEL: no such setting: %s\n", name);
        exit(2);
    }
}

// Before main(): ESP32_MODEL="chip=esp32,heap=230k,flash=FILE,…".
__attribute__((constructor(101))) static void power_on(void) {
    host_base = host_now();
    const char *wanted = getenv("ESP32_MODEL");
    char *copy = strdup(wanted ? wanted : ""), *rest = copy, *item;
    while ((item = strsep(&rest, ",")) != NULL) {
        char *value = strchr(item, '=');
        if (value) {
            *value = 0;
            set(item, value + 1);
        }
    }
    free(copy);
    if (model_board.heap == 0) {
        // Free internal RAM at app_main of MicroPython's image: an estimate, to be measured on a board.
        model_board.heap = strcmp(model_board.chip, "esp32s3") == 0 ? 260 << 10 : 240 << 10;
    }
}
