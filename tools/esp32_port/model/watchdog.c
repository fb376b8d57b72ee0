// The task watchdog, which resets the chip when its user is not heard of in time.
#include "esp_task_wdt.h"
#include "model.h"

#include <stdlib.h>

struct model_watched {
    int64_t fed;
};

static struct model_watched watched;
static bool added, started;
static uint32_t timeout_ms = 5000; // CONFIG_ESP_TASK_WDT_TIMEOUT_S
static pthread_t thread;

static void stop(void) {
    if (started) {
        model_lock();
        model_changed();
        model_unlock();
        pthread_join(thread, NULL);
    }
}

static void *watch(void *argument) {
    (void)argument;
    model_lock();
    while (!model_ending()) {
        int64_t bite = watched.fed + timeout_ms * 1000LL;
        if (model_now() >= bite) {
            model_panic("Task watchdog got triggered. mpy_machine_wdt did not reset the watchdog in time");
        }
        model_idle(bite);
    }
    model_unlock();
    return NULL;
}

esp_err_t esp_task_wdt_reconfigure(const esp_task_wdt_config_t *config) {
    model_lock();
    timeout_ms = config->timeout_ms;
    watched.fed = model_now();
    model_changed();
    model_unlock();
    return ESP_OK;
}

esp_err_t esp_task_wdt_add_user(const char *name, esp_task_wdt_user_handle_t *user) {
    (void)name;
    if (added) {
        return ESP_ERR_INVALID_STATE;
    }
    *user = &watched;
    added = started = true;
    watched.fed = model_now();
    model_at_end(stop);
    thread = model_start_thread(watch, NULL);
    return ESP_OK;
}

esp_err_t esp_task_wdt_reset_user(esp_task_wdt_user_handle_t user) {
    if (user != &watched) {
        return ESP_ERR_INVALID_ARG;
    }
    model_lock();
    watched.fed = model_now();
    model_changed();
    model_unlock();
    return ESP_OK;
}
