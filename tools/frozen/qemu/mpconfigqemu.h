// MicroPython's QEMU port as it comes, with what an ESP32-C3's image has beyond it, in virtual time.
#include "ports/qemu/mpconfigport.h"

#undef MICROPY_PY_ASYNCIO
#undef MICROPY_PY_SELECT
#undef MICROPY_PY_TIME
#undef MICROPY_PY_MACHINE_INCLUDEFILE
#undef MICROPY_EMIT_RV32
#undef MICROPY_EMIT_INLINE_RV32

#define MICROPY_PY_ASYNCIO (1)
#define MICROPY_PY_SELECT (1)
#define MICROPY_PY_TIME (1)
#define MICROPY_PY_OS_URANDOM (0)
#define MICROPY_OPT_COMPUTED_GOTO (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE "virtual_time.c"
#define MICROPY_MPHALPORT_H "virtual_time.h"
