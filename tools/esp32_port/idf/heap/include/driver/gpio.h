#pragma once
#include "esp_err.h"

typedef int gpio_num_t;

#define GPIO_MODE_INPUT 1
#define GPIO_MODE_OUTPUT 2

void gpio_deep_sleep_hold_en(void);
void gpio_deep_sleep_hold_dis(void);
