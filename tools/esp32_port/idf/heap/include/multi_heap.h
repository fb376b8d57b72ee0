#pragma once
#include "esp_heap_caps.h"

typedef struct model_heap *multi_heap_handle_t;
typedef struct {
    size_t total_free_bytes;
    size_t total_allocated_bytes;
    size_t largest_free_block;
    size_t minimum_free_bytes;
} multi_heap_info_t;

void multi_heap_get_info(multi_heap_handle_t heap, multi_heap_info_t *info);
