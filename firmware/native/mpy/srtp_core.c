/* SRTP as a module of MicroPython: part of an image (a user C module) or a native .mpy (a natmod).
 *
 * The functions of ../host/srtp_core.py, with the same arguments. None of them allocates, but for `new`. A buffer that
 * the core refuses (length, alignment) is a ValueError.
 */

#if defined(MICROPY_ENABLE_DYNRUNTIME)
#include "py/dynruntime.h"
#else
#include "py/objarray.h"
#include "py/runtime.h"
#endif

#include "../core/srtp_core.c"

static struct srtp *srtp_of(mp_obj_t srtp)
{
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(srtp, &buffer, MP_BUFFER_RW);
    if (buffer.len < sizeof(struct srtp)) {
        mp_raise_ValueError(MP_ERROR_TEXT("no SRTP state"));
    }
    return buffer.buf;
}

static mp_obj_t checked(int result)
{
    if (result < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("the SRTP core refused a buffer or a number"));
    }
    return MP_OBJ_NEW_SMALL_INT(result);
}

static mp_obj_t mod_new(void)
{
    uint32_t octets = srtp_size();
    void *state = m_malloc(octets);
    clear_octets(state, octets);
    return mp_obj_new_bytearray_by_ref(octets, state);
}
static MP_DEFINE_CONST_FUN_OBJ_0(new_obj, mod_new);

static mp_obj_t mod_start(size_t count, const mp_obj_t *arguments)
{
    mp_buffer_info_t key, mki;
    mp_get_buffer_raise(arguments[2], &key, MP_BUFFER_READ);
    mki.buf = NULL;
    mki.len = 0;
    if (count > 3) {
        mp_get_buffer_raise(arguments[3], &mki, MP_BUFFER_READ);
    }
    return checked(srtp_start(srtp_of(arguments[0]), sizeof(struct srtp), mp_obj_get_int(arguments[1]), key.buf,
                              key.len, mki.buf, mki.len, count > 4 ? mp_obj_get_int_truncated(arguments[4]) : 0));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(start_obj, 3, 5, mod_start);

static mp_obj_t mod_follow(mp_obj_t srtp, mp_obj_t before)
{
    return checked(srtp_follow(srtp_of(srtp), srtp_of(before)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(follow_obj, mod_follow);

/* The buffer of a packet; raises where it is shorter than its length. */
static uint8_t *packet_of(mp_obj_t packet, mp_obj_t length, uint32_t *octets, uint32_t *room)
{
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(packet, &buffer, MP_BUFFER_RW);
    mp_uint_t given = mp_obj_get_int(length);
    if (given > buffer.len) {
        checked(-1);
    }
    *octets = given;
    *room = buffer.len;
    return buffer.buf;
}

static mp_obj_t mod_protect(mp_obj_t srtp, mp_obj_t packet, mp_obj_t length)
{
    uint32_t octets, room;
    uint8_t *buffer = packet_of(packet, length, &octets, &room);
    return checked(srtp_protect(srtp_of(srtp), buffer, octets, room));
}
static MP_DEFINE_CONST_FUN_OBJ_3(protect_obj, mod_protect);

static mp_obj_t mod_protect_into(mp_obj_t srtp, mp_obj_t packet, mp_obj_t into)
{
    mp_buffer_info_t from, to;
    mp_get_buffer_raise(packet, &from, MP_BUFFER_READ);
    mp_get_buffer_raise(into, &to, MP_BUFFER_WRITE);
    return checked(srtp_protect_into(srtp_of(srtp), from.buf, from.len, to.buf, to.len));
}
static MP_DEFINE_CONST_FUN_OBJ_3(protect_into_obj, mod_protect_into);

static mp_obj_t mod_protect_rtcp(mp_obj_t srtp, mp_obj_t packet, mp_obj_t length)
{
    uint32_t octets, room;
    uint8_t *buffer = packet_of(packet, length, &octets, &room);
    return checked(srtp_protect_rtcp(srtp_of(srtp), buffer, octets, room));
}
static MP_DEFINE_CONST_FUN_OBJ_3(protect_rtcp_obj, mod_protect_rtcp);

static mp_obj_t mod_unprotect(mp_obj_t srtp, mp_obj_t packet, mp_obj_t length)
{
    uint32_t octets, room;
    uint8_t *buffer = packet_of(packet, length, &octets, &room);
    return checked(srtp_unprotect(srtp_of(srtp), buffer, octets));
}
static MP_DEFINE_CONST_FUN_OBJ_3(unprotect_obj, mod_unprotect);

static mp_obj_t mod_unprotect_rtcp(mp_obj_t srtp, mp_obj_t packet, mp_obj_t length)
{
    uint32_t octets, room;
    uint8_t *buffer = packet_of(packet, length, &octets, &room);
    return checked(srtp_unprotect_rtcp(srtp_of(srtp), buffer, octets));
}
static MP_DEFINE_CONST_FUN_OBJ_3(unprotect_rtcp_obj, mod_unprotect_rtcp);

static mp_obj_t mod_counters(mp_obj_t srtp, mp_obj_t values)
{
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(values, &buffer, MP_BUFFER_WRITE);
    return checked(srtp_counters(srtp_of(srtp), buffer.buf, buffer.len / 4));
}
static MP_DEFINE_CONST_FUN_OBJ_2(counters_obj, mod_counters);

static mp_obj_t mod_wipe(mp_obj_t srtp)
{
    return checked(srtp_wipe(srtp_of(srtp), sizeof(struct srtp)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(wipe_obj, mod_wipe);

/* Each name is written out: what links native modules looks for names in the text, before any macro is expanded. */
#define FUNCTIONS(X) \
    X(MP_QSTR_new, new_obj) \
    X(MP_QSTR_start, start_obj) \
    X(MP_QSTR_follow, follow_obj) \
    X(MP_QSTR_protect, protect_obj) \
    X(MP_QSTR_protect_into, protect_into_obj) \
    X(MP_QSTR_protect_rtcp, protect_rtcp_obj) \
    X(MP_QSTR_unprotect, unprotect_obj) \
    X(MP_QSTR_unprotect_rtcp, unprotect_rtcp_obj) \
    X(MP_QSTR_counters, counters_obj) \
    X(MP_QSTR_wipe, wipe_obj)

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

static const mp_rom_map_elem_t srtp_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_srtp_core) },
    FUNCTIONS(ENTRY)
};
static MP_DEFINE_CONST_DICT(srtp_globals, srtp_globals_table);

const mp_obj_module_t srtp_core_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&srtp_globals,
};
MP_REGISTER_MODULE(MP_QSTR_srtp_core, srtp_core_module);

#endif
