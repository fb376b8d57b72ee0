// FreeRTOS with IDF's tick of 10 ms (CONFIG_FREERTOS_HZ 100).
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int BaseType_t;
typedef unsigned UBaseType_t;
typedef uint32_t TickType_t;

#define configTICK_RATE_HZ 100
#define portTICK_PERIOD_MS (1000 / configTICK_RATE_HZ)
#define portMAX_DELAY 0xffffffffu
#define pdFALSE 0
#define pdTRUE 1
#define pdPASS 1
#define pdFAIL 0
#define pdMS_TO_TICKS(ms) ((TickType_t)((TickType_t)(ms) * (TickType_t)configTICK_RATE_HZ / 1000u))

#define IRAM_ATTR
#define RTC_DATA_ATTR
#define RTC_NOINIT_ATTR
