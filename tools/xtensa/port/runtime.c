// What the compiler, and variadic.s, call for.

#include <stdarg.h>

#include "py/runtime.h"

MP_NORETURN void raise_msg_vlist(const mp_obj_type_t *type, mp_rom_error_text_t format, va_list list) {
    nlr_raise(mp_obj_new_exception_msg_vlist(type, format, list));
}
