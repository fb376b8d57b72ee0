// IDF's heap: one region of internal RAM, and PSRAM where the board has it. First fit, as free blocks lie; so
// a heap that is full of holes has a small largest block here too.
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../heap_private.h"

#define ALIGNMENT 8u
#define ALWAYS_INTERNAL 8192 // CONFIG_SPIRAM_MALLOC_ALWAYSINTERNAL of the port's images

struct block {
    uint32_t size; // with this header; the low bit: in use
    uint32_t before; // size of the block before, 0 for the first
};

struct model_heap {
    unsigned char *start, *end;
    size_t free, least_free;
};

struct registered_heap_ll registered_heaps;
static struct model_heap internal_ram, psram;
static heap_t internal_entry, psram_entry;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct block *after(struct block *block) {
    return (struct block *)((unsigned char *)block + (block->size & ~1u));
}

static void set_up(struct model_heap *heap, heap_t *entry, uint32_t size) {
    heap->start = malloc(size);
    heap->end = heap->start + (size & ~(ALIGNMENT - 1));
    struct block *all = (struct block *)heap->start;
    all->size = heap->end - heap->start;
    all->before = 0;
    heap->free = heap->least_free = all->size;
    entry->start = (uintptr_t)heap->start;
    entry->end = (uintptr_t)heap->end;
    entry->heap = heap;
    SLIST_INSERT_HEAD(&registered_heaps, entry, next);
}

__attribute__((constructor(102))) static void start_heap(void) {
    if (model_board.psram) {
        set_up(&psram, &psram_entry, model_board.psram);
    }
    set_up(&internal_ram, &internal_entry, model_board.heap);
}

static void *take(struct model_heap *heap, size_t size) {
    size_t wanted = (size + sizeof(struct block) + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    for (unsigned char *place = heap->start; place < heap->end;) {
        struct block *block = (struct block *)place;
        if (!(block->size & 1) && block->size >= wanted) {
            uint32_t rest = block->size - wanted;
            if (rest > sizeof(struct block)) {
                struct block *following = after(block);
                block->size = wanted;
                after(block)->size = rest;
                after(block)->before = wanted;
                if ((unsigned char *)following < heap->end) {
                    following->before = rest;
                }
            }
            heap->free -= block->size;
            if (heap->free < heap->least_free) {
                heap->least_free = heap->free;
            }
            block->size |= 1;
            return block + 1;
        }
        place += block->size & ~1u;
    }
    return NULL;
}

static void join(struct model_heap *heap, struct block *block) {
    struct block *following = after(block);
    if ((unsigned char *)following < heap->end && !(following->size & 1)) {
        block->size += following->size;
        following = after(block);
        if ((unsigned char *)following < heap->end) {
            following->before = block->size;
        }
    }
}

void *heap_caps_malloc(size_t size, uint32_t caps) {
    bool must_be_internal = caps & (MALLOC_CAP_INTERNAL | MALLOC_CAP_DMA | MALLOC_CAP_EXEC);
    bool internal_first = must_be_internal || size < ALWAYS_INTERNAL;
    void *block = NULL;
    pthread_mutex_lock(&lock);
    if (psram.start && !internal_first) {
        block = take(&psram, size);
    }
    if (block == NULL && !(caps & MALLOC_CAP_SPIRAM)) {
        block = take(&internal_ram, size);
    }
    if (block == NULL && psram.start && !must_be_internal) {
        block = take(&psram, size);
    }
    pthread_mutex_unlock(&lock);
    return block;
}

void *heap_caps_calloc(size_t count, size_t size, uint32_t caps) {
    void *block = heap_caps_malloc(count * size, caps);
    return block ? memset(block, 0, count * size) : NULL;
}

void heap_caps_free(void *taken) {
    if (taken == NULL) {
        return;
    }
    struct block *block = (struct block *)taken - 1;
    unsigned char *place = taken;
    struct model_heap *heap = place >= internal_ram.start && place < internal_ram.end ? &internal_ram : &psram;
    pthread_mutex_lock(&lock);
    if (place < heap->start || place >= heap->end || !(block->size & 1)) {
        model_panic("assert failed: heap_caps_free of what was not taken");
    }
    block->size &= ~1u;
    heap->free += block->size;
    join(heap, block);
    if (block->before) {
        struct block *previous = (struct block *)((unsigned char *)block - block->before);
        if (!(previous->size & 1)) {
            join(heap, previous);
        }
    }
    pthread_mutex_unlock(&lock);
}

static size_t largest(struct model_heap *heap) {
    size_t found = sizeof(struct block);
    for (unsigned char *place = heap->start; place < heap->end;) {
        struct block *block = (struct block *)place;
        if (!(block->size & 1) && block->size > found) {
            found = block->size;
        }
        place += block->size & ~1u;
    }
    return found - sizeof(struct block);
}

size_t heap_caps_get_largest_free_block(uint32_t caps) {
    pthread_mutex_lock(&lock);
    size_t found = largest(&internal_ram);
    if (psram.start && !(caps & (MALLOC_CAP_INTERNAL | MALLOC_CAP_DMA | MALLOC_CAP_EXEC))) {
        size_t outside = largest(&psram);
        found = outside > found ? outside : found;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

size_t heap_caps_get_free_size(uint32_t caps) {
    pthread_mutex_lock(&lock);
    size_t found = internal_ram.free;
    if (psram.start && !(caps & (MALLOC_CAP_INTERNAL | MALLOC_CAP_DMA | MALLOC_CAP_EXEC))) {
        found += psram.free;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

bool heap_caps_match(const heap_t *heap, uint32_t caps) {
    return heap == &internal_entry || !(caps & (MALLOC_CAP_INTERNAL | MALLOC_CAP_DMA | MALLOC_CAP_EXEC));
}

void multi_heap_get_info(multi_heap_handle_t heap, multi_heap_info_t *info) {
    pthread_mutex_lock(&lock);
    info->total_free_bytes = heap->free;
    info->total_allocated_bytes = heap->end - heap->start - heap->free;
    info->largest_free_block = largest(heap);
    info->minimum_free_bytes = heap->least_free;
    pthread_mutex_unlock(&lock);
}
