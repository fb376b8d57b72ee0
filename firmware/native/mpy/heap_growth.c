// How much of the system's memory the heap may take when it grows, in a custom image for an ESP32.
#include "py/gc.h"

#if MICROPY_GC_SPLIT_HEAP_AUTO
#include "esp_heap_caps.h"

// Sockets and their datagrams, a handshake of TLS, DMA buffers and task stacks of sound come from it too.
#define SYSTEM_BYTES (40 * 1024)

size_t __real_gc_get_max_new_split(void);
size_t __wrap_gc_get_max_new_split(void);

// The port gives the largest free block, and with it everything.
size_t __wrap_gc_get_max_new_split(void) {
    size_t largest = __real_gc_get_max_new_split();
    size_t free = heap_caps_get_free_size(MALLOC_CAP_DEFAULT);
    size_t spare = free > SYSTEM_BYTES ? free - SYSTEM_BYTES : 0;
    return largest < spare ? largest : spare;
}
#endif
