#pragma once
#include "freertos/FreeRTOS.h"

typedef struct model_task *TaskHandle_t;

BaseType_t xTaskCreatePinnedToCore(void (*code)(void *), const char *name, uint32_t stack, void *argument,
    UBaseType_t priority, TaskHandle_t *created, int core);
void vTaskDelete(TaskHandle_t task);
uint32_t ulTaskNotifyTake(BaseType_t clear, TickType_t ticks);
