// The unix port's mpconfigport.h, and then what the ESP32 port has otherwise. Read in place of it (MP_CONFIGFILE).
#pragma once
#include <assert.h>
#include <stdlib.h>
#include <sys/time.h>

#include "mpconfigport.h"

#include "esp_err.h"
#include "esp_idf_version.h"
#include "esp_wifi_types.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "newlib_errno.h"

// It lies on the stack. 128 there; a host's folders have longer names.
#undef MICROPY_ALLOC_PATH_MAX
#define MICROPY_ALLOC_PATH_MAX (224)
#undef MICROPY_EPOCH_IS_1970
#define MICROPY_EPOCH_IS_1970 (0)
#undef MICROPY_PY_SOCKET_LISTEN_BACKLOG_DEFAULT
#define MICROPY_PY_SOCKET_LISTEN_BACKLOG_DEFAULT (2)

// The wall clock is the chip's.
int model_gettimeofday(struct timeval *now, void *zone);
int model_settimeofday(const struct timeval *now, const void *zone);
#define gettimeofday model_gettimeofday
#define settimeofday model_settimeofday

void *model_alloc_heap(size_t size);
void model_free(void *block);
