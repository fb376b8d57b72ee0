// MicroPython as an ESP32 has it, less what needs a chip or a C library: no floats, files or clock.
#include <stdint.h>
#include <alloca.h>

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#define MICROPY_EMIT_XTENSAWIN (1)
#define MICROPY_PERSISTENT_CODE_LOAD (1)
#define MICROPY_HAS_FILE_READER (1)
#define MICROPY_NLR_SETJMP (1)
#define MICROPY_ENABLE_COMPILER (1)
#define MICROPY_ENABLE_GC (1)
#define MICROPY_OPT_COMPUTED_GOTO (0)
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
#define MPZ_DIG_SIZE (16)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_NONE)

#define MICROPY_USE_INTERNAL_ERRNO (1)

#define MICROPY_PY_ASYNCIO (0)
#define MICROPY_PY_BUILTINS_HELP (0)
#define MICROPY_PY_BUILTINS_INPUT (0)
#define MICROPY_PY_CMATH (0)
#define MICROPY_PY_MACHINE (0)
#define MICROPY_PY_MATH (0)
#define MICROPY_PY_OS (0)
#define MICROPY_PY_RANDOM (0)
#define MICROPY_PY_SELECT (0)
#define MICROPY_PY_SYS_STDFILES (0)
#define MICROPY_PY_SYS_STDIO_BUFFER (0)
#define MICROPY_PY_TIME (0)
#define MICROPY_HELPER_REPL (0)
#define MICROPY_KBD_EXCEPTION (0)
#define MICROPY_VFS (0)

#define MICROPY_PY_SYS_PLATFORM "qemu-xtensa"
#define MICROPY_HW_BOARD_NAME "qemu-xtensa"
#define MICROPY_HW_MCU_NAME "dc233c"

typedef intptr_t mp_int_t;
typedef uintptr_t mp_uint_t;
typedef long mp_off_t;
#define UINT_FMT "%u"
#define INT_FMT "%d"
#define MP_SSIZE_MAX (0x7fffffff)
#define MP_STATE_PORT MP_STATE_VM

// Machine code lies outside the heap, as on the chips: see main.c.
void exec_alloc(unsigned size, void **at, unsigned *got);
#define MP_PLAT_ALLOC_EXEC(min_size, ptr, size) exec_alloc(min_size, ptr, size)
#define MP_PLAT_FREE_EXEC(ptr, size)
