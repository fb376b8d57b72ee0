/* What voice_core.c and wide_core.c have in common: all but the core. MicroPython collects names by the C file that
 * was read last, so each includes its core first. */

static struct voice *voice_of(mp_obj_t voice)
{
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(voice, &buffer, MP_BUFFER_RW);
    if (buffer.len < sizeof(struct voice)) {
        mp_raise_ValueError(MP_ERROR_TEXT("no voice"));
    }
    return buffer.buf;
}

static mp_obj_t checked(int result)
{
    if (result < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("the voice core refused a buffer or a number"));
    }
    return MP_OBJ_NEW_SMALL_INT(result);
}

static mp_obj_t mod_new(void)
{
    uint32_t octets = voice_size();
    void *state = m_malloc(octets);
    clear_octets(state, octets);
    return mp_obj_new_bytearray_by_ref(octets, state);
}
static MP_DEFINE_CONST_FUN_OBJ_0(new_obj, mod_new);

static mp_obj_t mod_start(mp_obj_t voice, mp_obj_t rate, mp_obj_t capture_bits)
{
    return checked(voice_start(voice_of(voice), sizeof(struct voice), mp_obj_get_int(rate),
                               mp_obj_get_int(capture_bits)));
}
static MP_DEFINE_CONST_FUN_OBJ_3(start_obj, mod_start);

static mp_obj_t mod_open(mp_obj_t voice, mp_obj_t parameters)
{
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(parameters, &buffer, MP_BUFFER_READ);
    return checked(voice_open(voice_of(voice), buffer.buf, buffer.len / 4));
}
static MP_DEFINE_CONST_FUN_OBJ_2(open_obj, mod_open);

static mp_obj_t mod_update(mp_obj_t voice, mp_obj_t parameters)
{
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(parameters, &buffer, MP_BUFFER_READ);
    return checked(voice_update(voice_of(voice), buffer.buf, buffer.len / 4));
}
static MP_DEFINE_CONST_FUN_OBJ_2(update_obj, mod_update);

static mp_obj_t mod_close(mp_obj_t voice)
{
    return checked(voice_close(voice_of(voice)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(close_obj, mod_close);

static mp_obj_t mod_transmit(size_t count, const mp_obj_t *arguments)
{
    (void)count;
    mp_buffer_info_t frame, packet;
    mp_get_buffer_raise(arguments[1], &frame, MP_BUFFER_READ);
    mp_get_buffer_raise(arguments[2], &packet, MP_BUFFER_WRITE);
    return checked(voice_transmit(voice_of(arguments[0]), frame.buf, frame.len, packet.buf, packet.len,
                                  mp_obj_get_int_truncated(arguments[3])));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(transmit_obj, 4, 4, mod_transmit);

static mp_obj_t mod_receive(size_t count, const mp_obj_t *arguments)
{
    (void)count;
    mp_buffer_info_t packet;
    mp_get_buffer_raise(arguments[1], &packet, MP_BUFFER_READ);
    mp_uint_t length = mp_obj_get_int(arguments[2]);
    if (length > packet.len) {
        return checked(-1);
    }
    return checked(voice_receive(voice_of(arguments[0]), packet.buf, length,
                                 mp_obj_get_int_truncated(arguments[3])));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(receive_obj, 4, 4, mod_receive);

static mp_obj_t mod_playout(mp_obj_t voice, mp_obj_t frame)
{
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(frame, &buffer, MP_BUFFER_WRITE);
    return checked(voice_playout(voice_of(voice), buffer.buf, buffer.len));
}
static MP_DEFINE_CONST_FUN_OBJ_2(playout_obj, mod_playout);

static mp_obj_t mod_set(mp_obj_t voice, mp_obj_t option, mp_obj_t value)
{
    return checked(voice_set(voice_of(voice), mp_obj_get_int(option), mp_obj_get_int(value)));
}
static MP_DEFINE_CONST_FUN_OBJ_3(set_obj, mod_set);

static mp_obj_t mod_counters(mp_obj_t voice, mp_obj_t values)
{
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(values, &buffer, MP_BUFFER_WRITE);
    return checked(voice_counters(voice_of(voice), buffer.buf, buffer.len / 4));
}
static MP_DEFINE_CONST_FUN_OBJ_2(counters_obj, mod_counters);

static mp_obj_t mod_play_tone(mp_obj_t voice, mp_obj_t script)
{
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(script, &buffer, MP_BUFFER_READ);
    return checked(voice_tone(voice_of(voice), buffer.buf, buffer.len));
}
static MP_DEFINE_CONST_FUN_OBJ_2(play_tone_obj, mod_play_tone);

static mp_obj_t mod_send_digit(mp_obj_t voice, mp_obj_t event, mp_obj_t ms)
{
    return checked(voice_send_digit(voice_of(voice), mp_obj_get_int(event), mp_obj_get_int(ms)));
}
static MP_DEFINE_CONST_FUN_OBJ_3(send_digit_obj, mod_send_digit);

static mp_obj_t mod_mix(mp_obj_t frame, mp_obj_t other)
{
    mp_buffer_info_t into, from;
    mp_get_buffer_raise(frame, &into, MP_BUFFER_WRITE);
    mp_get_buffer_raise(other, &from, MP_BUFFER_READ);
    return checked(voice_mix(into.buf, into.len, from.buf, from.len));
}
static MP_DEFINE_CONST_FUN_OBJ_2(mix_obj, mod_mix);

/* Exchange the 16-bit samples of each pair, in place: the classic ESP32 puts them onto an I2S wire the other way. */
static mp_obj_t mod_swap_pairs(mp_obj_t samples)
{
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(samples, &buffer, MP_BUFFER_RW);
    uint8_t *octets = buffer.buf;
    for (size_t at = 0; at + 4 <= buffer.len; at += 4) {
        uint8_t low = octets[at], high = octets[at + 1];
        octets[at] = octets[at + 2];
        octets[at + 1] = octets[at + 3];
        octets[at + 2] = low;
        octets[at + 3] = high;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(swap_pairs_obj, mod_swap_pairs);

static mp_obj_t mod_adjust(size_t count, const mp_obj_t *arguments)
{
    (void)count;
    mp_buffer_info_t frame;
    mp_get_buffer_raise(arguments[0], &frame, MP_BUFFER_WRITE);
    return checked(voice_adjust(frame.buf, frame.len, mp_obj_get_int(arguments[1]), mp_obj_get_int(arguments[2]),
                                mp_obj_get_int(arguments[3])));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(adjust_obj, 4, 4, mod_adjust);

static mp_obj_t mod_next_digit(mp_obj_t voice)
{
    return MP_OBJ_NEW_SMALL_INT(voice_next_digit(voice_of(voice)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(next_digit_obj, mod_next_digit);

#define EMPTY (-1000)

/* One read of a non-blocking socket: the octets of one datagram, 0 if none waits, EMPTY for a datagram without
 * octets (after which the ESP32's port reads no more, see net/udp.py), -errno for anything else.
 *
 * Python's own ways either allocate (recv) or join datagrams (readinto).
 */
static mp_obj_t mod_receive_datagram(mp_obj_t socket, mp_obj_t packet)
{
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(packet, &buffer, MP_BUFFER_WRITE);
    int error = 0;
    mp_uint_t octets = mp_get_stream_raise(socket, MP_STREAM_OP_READ)->read(socket, buffer.buf, buffer.len, &error);
    if (octets == MP_STREAM_ERROR) {
        return MP_OBJ_NEW_SMALL_INT(error == MP_EAGAIN ? 0 : -error);
    }
    return MP_OBJ_NEW_SMALL_INT(octets ? (mp_int_t)octets : EMPTY);
}
static MP_DEFINE_CONST_FUN_OBJ_2(receive_datagram_obj, mod_receive_datagram);

/* Each name is written out: what links native modules looks for names in the text, before any macro is expanded. */
#define FUNCTIONS(X) \
    X(MP_QSTR_new, new_obj) \
    X(MP_QSTR_start, start_obj) \
    X(MP_QSTR_open, open_obj) \
    X(MP_QSTR_update, update_obj) \
    X(MP_QSTR_close, close_obj) \
    X(MP_QSTR_transmit, transmit_obj) \
    X(MP_QSTR_receive, receive_obj) \
    X(MP_QSTR_playout, playout_obj) \
    X(MP_QSTR_set, set_obj) \
    X(MP_QSTR_counters, counters_obj) \
    X(MP_QSTR_play_tone, play_tone_obj) \
    X(MP_QSTR_send_digit, send_digit_obj) \
    X(MP_QSTR_next_digit, next_digit_obj) \
    X(MP_QSTR_mix, mix_obj) \
    X(MP_QSTR_receive_datagram, receive_datagram_obj) \
    X(MP_QSTR_adjust, adjust_obj) \
    X(MP_QSTR_swap_pairs, swap_pairs_obj)

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

static const mp_rom_map_elem_t globals_table[] = {
#if WIDE
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_wide_core) },
#else
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_voice_core) },
#endif
    FUNCTIONS(ENTRY)
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

#if WIDE
const mp_obj_module_t wide_core_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_wide_core, wide_core_module);
#else
const mp_obj_module_t voice_core_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_voice_core, voice_core_module);
#endif

#endif
