// What the unix port has in place of the ESP32 port's main.c, mphalport.c, machine_pin.c and gccollect.c:
// the start and the end of the main task, its waits, errors of IDF as OSError, pins by number.
#include <stdlib.h>
#include <string.h>

#include "esp_heap_caps.h"
#include "model.h"
#include "nvs.h"
#include "esp_ota_ops.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/mpthread.h"
#include "py/objstr.h"
#include "py/runtime.h"

#define PINS 64

// Start and end

extern long heap_size; // ports/unix/main.c, before it reads -X heapsize=…

__attribute__((constructor(104))) static void start_port(void) {
    heap_size = (model_is_classic() ? 56 : 64) * 1024;
    if (heap_caps_malloc(model_board.stack, MALLOC_CAP_INTERNAL) == NULL) {
        model_panic("no memory for the main task's stack");
    }
}

void *model_alloc_heap(size_t size) {
    return heap_caps_malloc(size, MALLOC_CAP_DEFAULT);
}

void *model_first_heap(size_t size);
void *model_first_heap(size_t size) {
    void *heap = model_alloc_heap(size);
    if (heap == NULL) {
        model_panic("mp_task_heap allocation failed!");
    }
    return heap;
}

size_t gc_get_max_new_split(void) {
    return heap_caps_get_largest_free_block(MALLOC_CAP_DEFAULT);
}

void *model_calloc(size_t count, size_t size);
void *model_calloc(size_t count, size_t size) {
    return heap_caps_calloc(count, size, MALLOC_CAP_DEFAULT);
}

void model_free(void *block);
void model_free(void *block) {
    heap_caps_free(block);
}

void __real_mp_cstack_init_with_sp_here(size_t size);
void __wrap_mp_cstack_init_with_sp_here(size_t size);
void __wrap_mp_cstack_init_with_sp_here(size_t size) {
    (void)size;
    __real_mp_cstack_init_with_sp_here(model_board.stack);
}

void __real_mp_thread_deinit(void);
void __wrap_mp_thread_deinit(void);
void __wrap_mp_thread_deinit(void) {
    MP_THREAD_GIL_EXIT();
    model_end();
    MP_THREAD_GIL_ENTER();
    __real_mp_thread_deinit();
}

// Time

uint32_t esp32_ticks_ms(void) {
    return model_now() / 1000;
}

uint32_t esp32_ticks_us(void) {
    return model_now();
}

// Handlers run in between, and the rest that is shorter than a tick is spent busily, as mphalport.c does.
void esp32_delay_ms(uint32_t ms) {
    int64_t end = model_now() + ms * 1000LL;
    while (model_now() + portTICK_PERIOD_MS * 1000 < end) {
        MICROPY_EVENT_POLL_HOOK
    }
    mp_handle_pending(true);
    int64_t left = end - model_now();
    if (left > 0) {
        esp32_delay_us(left);
    }
}

void esp32_delay_us(uint32_t us) {
    int64_t end = model_now() + us;
    while (model_now() < end) {
        if (end - model_now() > 150) {
            mp_handle_pending(true);
        }
    }
}

// Errors

static const struct {
    esp_err_t code;
    const char *name;
} names[] = {
    {ESP_FAIL, "ESP_FAIL"},
    {ESP_ERR_NO_MEM, "ESP_ERR_NO_MEM"},
    {ESP_ERR_INVALID_ARG, "ESP_ERR_INVALID_ARG"},
    {ESP_ERR_INVALID_STATE, "ESP_ERR_INVALID_STATE"},
    {ESP_ERR_INVALID_SIZE, "ESP_ERR_INVALID_SIZE"},
    {ESP_ERR_NOT_FOUND, "ESP_ERR_NOT_FOUND"},
    {ESP_ERR_NOT_SUPPORTED, "ESP_ERR_NOT_SUPPORTED"},
    {ESP_ERR_TIMEOUT, "ESP_ERR_TIMEOUT"},
    {ESP_ERR_NVS_NOT_FOUND, "ESP_ERR_NVS_NOT_FOUND"},
    {ESP_ERR_NVS_TYPE_MISMATCH, "ESP_ERR_NVS_TYPE_MISMATCH"},
    {ESP_ERR_NVS_NOT_ENOUGH_SPACE, "ESP_ERR_NVS_NOT_ENOUGH_SPACE"},
    {ESP_ERR_NVS_INVALID_NAME, "ESP_ERR_NVS_INVALID_NAME"},
    {ESP_ERR_NVS_INVALID_HANDLE, "ESP_ERR_NVS_INVALID_HANDLE"},
    {ESP_ERR_NVS_KEY_TOO_LONG, "ESP_ERR_NVS_KEY_TOO_LONG"},
    {ESP_ERR_NVS_INVALID_LENGTH, "ESP_ERR_NVS_INVALID_LENGTH"},
    {ESP_ERR_NVS_VALUE_TOO_LONG, "ESP_ERR_NVS_VALUE_TOO_LONG"},
    {ESP_ERR_OTA_PARTITION_CONFLICT, "ESP_ERR_OTA_PARTITION_CONFLICT"},
    {ESP_ERR_OTA_VALIDATE_FAILED, "ESP_ERR_OTA_VALIDATE_FAILED"},
    {ESP_ERR_OTA_ROLLBACK_INVALID_STATE, "ESP_ERR_OTA_ROLLBACK_INVALID_STATE"},
};

const char *esp_err_to_name(esp_err_t code) {
    for (size_t i = 0; i < MP_ARRAY_SIZE(names); i++) {
        if (names[i].code == code) {
            return names[i].name;
        }
    }
    return "UNKNOWN ERROR";
}

void check_esp_err_(esp_err_t code) {
    if (code == ESP_OK) {
        return;
    }
    if (!model_in_main_task()) {
        model_panic("an exception was raised in a task without a Python state");
    }
    int number = code == ESP_ERR_NO_MEM ? MP_ENOMEM : code == ESP_ERR_TIMEOUT ? MP_ETIMEDOUT
        : code == ESP_ERR_NOT_SUPPORTED ? MP_EOPNOTSUPP : -code;
    const char *name = esp_err_to_name(code);
    mp_obj_t arguments[2] = {MP_OBJ_NEW_SMALL_INT(number), mp_obj_new_str(name, strlen(name))};
    nlr_raise(mp_obj_exception_make_new(&mp_type_OSError, 2, 0, arguments));
}

// Pins: a number, or hal/sim's Pin, which has one

mp_hal_pin_obj_t machine_pin_get_id(mp_obj_t pin) {
    if (mp_obj_is_small_int(pin)) {
        mp_int_t number = MP_OBJ_SMALL_INT_VALUE(pin);
        if (number < 0 || number >= PINS) {
            mp_raise_ValueError(MP_ERROR_TEXT("invalid pin"));
        }
        return number;
    }
    mp_obj_t found[2];
    mp_load_method_maybe(pin, MP_QSTR_number, found);
    if (found[0] == MP_OBJ_NULL) {
        mp_raise_ValueError(MP_ERROR_TEXT("expecting a pin"));
    }
    return mp_obj_get_int(found[0]);
}

static uint8_t levels[PINS];

void mp_hal_pin_output(mp_hal_pin_obj_t pin) {
    (void)pin;
}

void mp_hal_pin_write(mp_hal_pin_obj_t pin, int level) {
    levels[pin] = level;
}

int mp_hal_pin_read(mp_hal_pin_obj_t pin) {
    return levels[pin];
}

void gpio_deep_sleep_hold_en(void) {
}

void gpio_deep_sleep_hold_dis(void) {
}

// modesp32.c names it; the model has no such coprocessor.
MP_DEFINE_CONST_OBJ_TYPE(esp32_ulp_type, MP_QSTR_ULP, MP_TYPE_FLAG_NONE);
