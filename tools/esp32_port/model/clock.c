// The wall clock: it counts from 2000-01-01 at power-on until somebody sets it.
#include "model.h"

#include <sys/time.h>
#include <time.h>

#define SECONDS_1970_TO_2000 946684800

static int64_t offset; // microseconds of wall clock at power-on

int model_gettimeofday(struct timeval *now, void *zone) {
    (void)zone;
    int64_t us = offset + model_now();
    now->tv_sec = us / 1000000;
    now->tv_usec = us % 1000000;
    return 0;
}

int model_settimeofday(const struct timeval *now, const void *zone) {
    (void)zone;
    offset = now->tv_sec * 1000000LL + now->tv_usec - model_now();
    return 0;
}

// What mbedtls asks for when it looks at a certificate's dates: the port gives it seconds since 1970. The
// linker and objcopy send time() here.
long model_time(long *result) {
    long seconds = (offset + model_now()) / 1000000 + SECONDS_1970_TO_2000;
    if (result) {
        *result = seconds;
    }
    return seconds;
}
