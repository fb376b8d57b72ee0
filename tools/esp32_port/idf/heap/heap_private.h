// Private to IDF; modesp32.c walks the list of heaps by it.
#pragma once
#include <sys/queue.h>
#include "multi_heap.h"

typedef struct heap_t_ {
    uintptr_t start, end;
    multi_heap_handle_t heap;
    SLIST_ENTRY(heap_t_) next;
} heap_t;
SLIST_HEAD(registered_heap_ll, heap_t_);
extern struct registered_heap_ll registered_heaps;

bool heap_caps_match(const heap_t *heap, uint32_t caps);
