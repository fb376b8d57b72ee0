/* The echo canceller as a module of MicroPython: part of an image (a user C module) or a native .mpy (a natmod).
 *
 * The functions of ../host/echo_core.py, with the same arguments. None of them allocates, but for `new`. Settings and
 * buffers that do not fit are a ValueError.
 */

#if defined(MICROPY_ENABLE_DYNRUNTIME)
#include "py/dynruntime.h"
#else
#include "py/objarray.h"
#include "py/runtime.h"
#endif

#include "../core/echo_core.c"

static void refused(const char *what)
{
    mp_raise_ValueError(what[0] == 's' ? MP_ERROR_TEXT("the echo core refused its settings")
                                       : MP_ERROR_TEXT("the echo core refused a buffer"));
}

static mp_obj_t mod_new(mp_obj_t rate_in, mp_obj_t options, mp_obj_t delay_in)
{
    uint32_t rate = mp_obj_get_int(rate_in), delay = mp_obj_get_int(delay_in), octets = echo_size(rate, delay);
    if (octets == 0) {
        refused("settings");
    }
    struct echo *state = m_malloc(octets);
    echo_start(state, rate, mp_obj_get_int(options), delay);
    return mp_obj_new_bytearray_by_ref(octets, state);
}
static MP_DEFINE_CONST_FUN_OBJ_3(new_obj, mod_new);

/* The state, after a look at the buffers; `octets` are those of a sample of the microphone. */
static struct echo *checked(mp_obj_t state_in, mp_obj_t mic, mp_obj_t far, size_t octets, mp_buffer_info_t *heard,
                            mp_buffer_info_t *played)
{
    mp_buffer_info_t state;
    mp_get_buffer_raise(state_in, &state, MP_BUFFER_RW);
    mp_get_buffer_raise(mic, heard, MP_BUFFER_RW);
    mp_get_buffer_raise(far, played, MP_BUFFER_READ);
    struct echo *echo = state.buf;
    if (state.len < sizeof *echo || state.len != echo_size(echo->block * 100, echo->delay)
        || heard->len * 2 != played->len * octets || played->len % (2 * echo->block)
        || (((uintptr_t)heard->buf | (uintptr_t)played->buf) & 3)) {
        refused("buffer");
    }
    return echo;
}

static mp_obj_t mod_cancel(mp_obj_t state, mp_obj_t mic, mp_obj_t far)
{
    mp_buffer_info_t heard, played;
    struct echo *echo = checked(state, mic, far, 2, &heard, &played);
    echo_cancel(echo, heard.buf, played.buf, played.len / (2 * echo->block));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(cancel_obj, mod_cancel);

static mp_obj_t mod_cancel_wide(mp_obj_t state, mp_obj_t mic, mp_obj_t far)
{
    mp_buffer_info_t heard, played;
    struct echo *echo = checked(state, mic, far, 4, &heard, &played);
    echo_cancel_wide(echo, heard.buf, played.buf, played.len / (2 * echo->block));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(cancel_wide_obj, mod_cancel_wide);

/* Each name is written out: what links native modules looks for names in the text, before any macro is expanded. */
#define FUNCTIONS(X) \
    X(MP_QSTR_new, new_obj) \
    X(MP_QSTR_cancel, cancel_obj) \
    X(MP_QSTR_cancel_wide, cancel_wide_obj)

#if defined(MICROPY_ENABLE_DYNRUNTIME)

#define STORE(name, function) mp_store_global(name, MP_OBJ_FROM_PTR(&function));

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args)
{
    MP_DYNRUNTIME_INIT_ENTRY
    FUNCTIONS(STORE)
    MP_DYNRUNTIME_INIT_EXIT
}

#else

#define ENTRY(name, function) { MP_ROM_QSTR(name), MP_ROM_PTR(&function) },

static const mp_rom_map_elem_t echo_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_echo_core) },
    FUNCTIONS(ENTRY)
};
static MP_DEFINE_CONST_DICT(echo_globals, echo_globals_table);

const mp_obj_module_t echo_core_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&echo_globals,
};
MP_REGISTER_MODULE(MP_QSTR_echo_core, echo_core_module);

#endif
