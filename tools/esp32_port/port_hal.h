// The unix port's mphalport.h, and what the ESP32 port's files expect of theirs.
#pragma once
#include "ports/unix/mphalport.h"

#include "driver/gpio.h"
#include "py/obj.h"

#define MP_TASK_COREID (1)

// Raises OSError(code, name) unless the code is ESP_OK.
#define check_esp_err(code) check_esp_err_(code)
void check_esp_err_(esp_err_t code);

uint32_t esp32_ticks_ms(void);
uint32_t esp32_ticks_us(void);
void esp32_delay_ms(uint32_t ms);
void esp32_delay_us(uint32_t us);
#define mp_hal_ticks_ms esp32_ticks_ms
#define mp_hal_ticks_us esp32_ticks_us
#define mp_hal_delay_ms esp32_delay_ms
#define mp_hal_delay_us esp32_delay_us

#define MP_HAL_PIN_FMT "%u"
#define mp_hal_pin_obj_t gpio_num_t
#define mp_hal_get_pin_obj(pin) machine_pin_get_id(pin)
#define mp_hal_pin_name(pin) (pin)
mp_hal_pin_obj_t machine_pin_get_id(mp_obj_t pin);
void mp_hal_pin_output(mp_hal_pin_obj_t pin);
void mp_hal_pin_write(mp_hal_pin_obj_t pin, int level);
int mp_hal_pin_read(mp_hal_pin_obj_t pin);
