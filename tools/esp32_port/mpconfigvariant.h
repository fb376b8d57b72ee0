// What ports/esp32/mpconfigport.h sets and the port's files, or the firmware, can tell.
#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)

// The unix port's own settings, found through its include path.
#include "variants/mpconfigvariant_common.h"

// The image's target. What differs between chips at run time is the model's (ESP32_MODEL=chip=…).
#define CONFIG_IDF_TARGET_ESP32 (1)
#define CONFIG_ESP_NETIF_TCPIP_LWIP (1)

// Events: the main task waits for ticks, and handlers wait in a queue of eight.
#define MICROPY_SCHEDULER_DEPTH (8)
#define MICROPY_SCHEDULER_STATIC_NODES (1)
#define MICROPY_PY_THREAD_GIL_VM_DIVISOR (32)
#undef MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
#define MICROPY_PY_SELECT_POSIX_OPTIMISATIONS (0)
#define MICROPY_PY_SOCKET_EVENTS (1)
#define MICROPY_PY_SOCKET_EVENTS_HANDLER \
    extern void socket_events_handler(void); \
    socket_events_handler();
#define MICROPY_EVENT_POLL_HOOK \
    do { \
        mp_handle_pending(true); \
        MICROPY_PY_SOCKET_EVENTS_HANDLER \
        MP_THREAD_GIL_EXIT(); \
        ulTaskNotifyTake(pdFALSE, 1); \
        MP_THREAD_GIL_ENTER(); \
    } while (0);

// Memory: a heap that grows out of IDF's, and the stack's margin.
#define MICROPY_GC_SPLIT_HEAP (1)
#define MICROPY_GC_SPLIT_HEAP_N_HEAPS (1)
#define MICROPY_GC_SPLIT_HEAP_AUTO (1)
#define MP_PLAT_ALLOC_HEAP(size) model_alloc_heap(size)
#define MP_PLAT_FREE_HEAP(heap) model_free(heap)
#define MICROPY_STACK_CHECK_MARGIN (1024)

#undef MICROPY_ERROR_REPORTING
#define MICROPY_ERROR_REPORTING (MICROPY_ERROR_REPORTING_NORMAL)

// Time
#undef MICROPY_PY_TIME_CUSTOM_SLEEP
#undef MICROPY_PY_TIME_INCLUDEFILE
#define MICROPY_PY_TIME_INCLUDEFILE "ports/esp32/modtime.c"
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)

// machine: what the port's own C is for; pins and buses come from hal/sim.
#define MICROPY_PY_MACHINE_EXTRA_GLOBALS { MP_ROM_QSTR(MP_QSTR_RTC), MP_ROM_PTR(&machine_rtc_type) },
#define MICROPY_PY_MACHINE_I2S (1)
#define MICROPY_PY_MACHINE_I2S_INCLUDEFILE "ports/esp32/machine_i2s.c"
#define MICROPY_PY_MACHINE_I2S_FINALISER (1)
#define MICROPY_PY_MACHINE_I2S_CONSTANT_RX (I2S_DIR_RX)
#define MICROPY_PY_MACHINE_I2S_CONSTANT_TX (I2S_DIR_TX)
#define I2S_NUM_AUTO 2 // macros: root pointers are made before any header is read
#define SOC_I2S_NUM 2
#define MICROPY_HW_RTC_USER_MEM_MAX (2048)
#define MICROPY_PY_MACHINE_WDT (1)
#define MICROPY_PY_MACHINE_WDT_INCLUDEFILE "ports/esp32/machine_wdt.c"

// network
#define MICROPY_PY_NETWORK (1)
#define MICROPY_PY_NETWORK_HOSTNAME_DEFAULT "mpy-esp32"
#define MICROPY_PY_NETWORK_INCLUDEFILE "ports/esp32/modnetwork.h"
#define MICROPY_PY_NETWORK_MODULE_GLOBALS_INCLUDEFILE "ports/esp32/modnetwork_globals.h"
#define MICROPY_PY_NETWORK_WLAN (1)
#define MICROPY_PY_NETWORK_LAN (1)
#define MICROPY_HW_ENABLE_MDNS_QUERIES (1)
#define MICROPY_HW_ENABLE_MDNS_RESPONDER (1)

#define MICROPY_PY_ESP32_PCNT (0)
