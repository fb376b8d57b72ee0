/* G.722 as a module of MicroPython: part of an image (a user C module) or a native .mpy (a natmod).
 *
 * The functions of ../host/wide_core.py, with the same arguments. None of them allocates, but for `new`. Buffers that
 * do not fit each other are a ValueError.
 */

#if defined(MICROPY_ENABLE_DYNRUNTIME)
#include "py/dynruntime.h"
#else
#include "py/objarray.h"
#include "py/runtime.h"
#endif

#include "../core/wide_core.c"

static void *refused(void)
{
    mp_raise_ValueError(MP_ERROR_TEXT("the wideband core refused a buffer"));
    return NULL;
}

static struct g722 *g722_of(mp_obj_t state)
{
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(state, &buffer, MP_BUFFER_RW);
    return buffer.len < sizeof(struct g722) ? refused() : buffer.buf;
}

static mp_obj_t mod_new(void)
{
    uint32_t octets = g722_size();
    struct g722 *state = m_malloc(octets);
    g722_start(state);
    return mp_obj_new_bytearray_by_ref(octets, state);
}
static MP_DEFINE_CONST_FUN_OBJ_0(new_obj, mod_new);

static mp_obj_t mod_encode(mp_obj_t state, mp_obj_t samples, mp_obj_t octets)
{
    mp_buffer_info_t from, to;
    mp_get_buffer_raise(samples, &from, MP_BUFFER_READ);
    mp_get_buffer_raise(octets, &to, MP_BUFFER_WRITE);
    if (from.len != to.len * 4 || ((uintptr_t)from.buf & 1)) {
        refused();
    }
    g722_encode(g722_of(state), to.buf, from.buf, to.len);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(encode_obj, mod_encode);

static mp_obj_t mod_decode(mp_obj_t state, mp_obj_t octets, mp_obj_t samples)
{
    mp_buffer_info_t from, to;
    mp_get_buffer_raise(octets, &from, MP_BUFFER_READ);
    mp_get_buffer_raise(samples, &to, MP_BUFFER_WRITE);
    if (to.len != from.len * 4 || ((uintptr_t)to.buf & 1)) {
        refused();
    }
    g722_decode(g722_of(state), to.buf, from.buf, from.len);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(decode_obj, mod_decode);

/* Each name is written out: what links native modules looks for names in the text, before any macro is expanded. */
#define FUNCTIONS(X) \
    X(MP_QSTR_new, new_obj) \
    X(MP_QSTR_encode, encode_obj) \
    X(MP_QSTR_decode, decode_obj)

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

static const mp_rom_map_elem_t wide_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_wide_core) },
    FUNCTIONS(ENTRY)
};
static MP_DEFINE_CONST_DICT(wide_globals, wide_globals_table);

const mp_obj_module_t wide_core_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&wide_globals,
};
MP_REGISTER_MODULE(MP_QSTR_wide_core, wide_core_module);

#endif
