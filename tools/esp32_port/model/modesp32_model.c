// The Python module esp32_model: a test's, or a bench's, hand in the model of the chip.
#include <string.h>

#include "esp_heap_caps.h"
#include "network.h"
#include "py/objstr.h"
#include "py/runtime.h"
#include "shared/netutils/netutils.h"

// chip() -> "esp32s3"
static mp_obj_t get_chip(void) {
    return mp_obj_new_str_from_cstr(model_board.chip);
}
static MP_DEFINE_CONST_FUN_OBJ_0(chip_obj, get_chip);

// speed(n): time passes n times as fast as the host's from now on.
static mp_obj_t set_speed(mp_obj_t factor) {
    model_set_speed(mp_obj_get_int(factor), 1);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(speed_obj, set_speed);

// slow(n): time passes n times as slowly, so that a busy host does not look like a busy chip.
static mp_obj_t set_slow(mp_obj_t divisor) {
    model_set_speed(1, mp_obj_get_int(divisor));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(slow_obj, set_slow);

// leap(ms): time goes on by so much at once, as for somebody who has slept; timers are due then, sound is late.
static mp_obj_t leap(mp_obj_t ms) {
    model_leap(mp_obj_get_int(ms) * 1000LL);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(leap_obj, leap);

// stall(ms): the main task is busy in C for so long, as in a collection; nothing but hardware goes on.
static mp_obj_t stall(mp_obj_t ms) {
    int64_t end = model_now() + mp_obj_get_int(ms) * 1000LL;
    while (model_now() < end) {
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(stall_obj, stall);

// schedule(handler, count) -> how many were taken: so many interrupts at once, each with its number.
static mp_obj_t schedule(mp_obj_t handler, mp_obj_t count) {
    int taken = 0;
    for (int i = 0; i < mp_obj_get_int(count); i++) {
        taken += mp_sched_schedule(handler, MP_OBJ_NEW_SMALL_INT(i));
    }
    return MP_OBJ_NEW_SMALL_INT(taken);
}
static MP_DEFINE_CONST_FUN_OBJ_2(schedule_obj, schedule);

// panic(): what a chip does that cannot go on.
static mp_obj_t panic(void) {
    model_panic("asked for");
}
static MP_DEFINE_CONST_FUN_OBJ_0(panic_obj, panic);

static void store_count(mp_obj_t dict, qstr name, uint32_t value) {
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(name), mp_obj_new_int_from_uint(value));
}

// counters() -> {"rx_overflows": …}: what was lost or refused so far.
static mp_obj_t counters(void) {
    mp_obj_t dict = mp_obj_new_dict(8);
    store_count(dict, MP_QSTR_rx_overflows, model_counters.rx_overflows);
    store_count(dict, MP_QSTR_tx_overflows, model_counters.tx_overflows);
    store_count(dict, MP_QSTR_host_late, model_counters.host_late);
    store_count(dict, MP_QSTR_mailbox_drops, model_counters.mailbox_drops);
    store_count(dict, MP_QSTR_fragments, model_counters.fragments);
    store_count(dict, MP_QSTR_unroutable, model_counters.unroutable);
    return dict;
}
static MP_DEFINE_CONST_FUN_OBJ_0(counters_obj, counters);

// I2S: channels() -> [(index, tx, id, sck, ws, sd, rate, bits, slots, running)]
static mp_obj_t i2s_channels(void) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    struct model_wire wire;
    for (int i = 0; i < MODEL_I2S_CHANNELS; i++) {
        if (model_i2s_wire(i, &wire)) {
            mp_obj_t items[] = {
                MP_OBJ_NEW_SMALL_INT(i), mp_obj_new_bool(wire.tx), MP_OBJ_NEW_SMALL_INT(wire.id),
                MP_OBJ_NEW_SMALL_INT(wire.bclk), MP_OBJ_NEW_SMALL_INT(wire.ws), MP_OBJ_NEW_SMALL_INT(wire.data),
                MP_OBJ_NEW_SMALL_INT(wire.rate), MP_OBJ_NEW_SMALL_INT(wire.bits), MP_OBJ_NEW_SMALL_INT(wire.slots),
                mp_obj_new_bool(wire.running),
            };
            mp_obj_list_append(list, mp_obj_new_tuple(MP_ARRAY_SIZE(items), items));
        }
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(i2s_channels_obj, i2s_channels);

static int channel_index(mp_obj_t index_in) {
    mp_int_t index = mp_obj_get_int(index_in);
    if (index < 0 || index >= MODEL_I2S_CHANNELS) {
        mp_raise_ValueError(MP_ERROR_TEXT("no such channel"));
    }
    return index;
}

// i2s_hear(index, samples) -> how many: 16-bit mono samples that the microphone sends from now on, after those
// that wait already.
static mp_obj_t i2s_hear(mp_obj_t index, mp_obj_t samples) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(samples, &buffer, MP_BUFFER_READ);
    return mp_obj_new_int_from_uint(model_i2s_hear(channel_index(index), buffer.buf, buffer.len / 2));
}
static MP_DEFINE_CONST_FUN_OBJ_2(i2s_hear_obj, i2s_hear);

// i2s_said(index, buffer) -> how many: samples that were sent to the loudspeaker, oldest first.
static mp_obj_t i2s_said(mp_obj_t index, mp_obj_t samples) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(samples, &buffer, MP_BUFFER_WRITE);
    return mp_obj_new_int_from_uint(model_i2s_said(channel_index(index), buffer.buf, buffer.len / 2));
}
static MP_DEFINE_CONST_FUN_OBJ_2(i2s_said_obj, i2s_said);

// i2s_waiting(index) -> samples between the wire and whoever hears or speaks there.
static mp_obj_t i2s_waiting(mp_obj_t index) {
    return mp_obj_new_int_from_uint(model_i2s_waiting(channel_index(index)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(i2s_waiting_obj, i2s_waiting);

// The network

// air([(ssid, password or None, rssi), …]): the access points in reach.
static mp_obj_t set_air(mp_obj_t points) {
    size_t count;
    mp_obj_t *items;
    mp_obj_get_array(points, &count, &items);
    struct model_point found[MOST_POINTS];
    memset(found, 0, sizeof(found));
    if (count > MOST_POINTS) {
        mp_raise_ValueError(MP_ERROR_TEXT("too many"));
    }
    for (size_t i = 0; i < count; i++) {
        mp_obj_t *parts;
        mp_obj_get_array_fixed_n(items[i], 3, &parts);
        snprintf(found[i].ssid, sizeof(found[i].ssid), "%s", mp_obj_str_get_str(parts[0]));
        if (parts[1] != mp_const_none) {
            snprintf(found[i].password, sizeof(found[i].password), "%s", mp_obj_str_get_str(parts[1]));
        }
        found[i].rssi = mp_obj_get_int(parts[2]);
        found[i].channel = 1 + 5 * (i % 3);
    }
    model_net_lock();
    memcpy(model_air.points, found, sizeof(found));
    model_air.count = count;
    model_air_changed();
    model_net_unlock();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(air_obj, set_air);

// refusal(reason): the reason with which a wrong password is answered from now on.
static mp_obj_t set_refusal(mp_obj_t reason) {
    model_air.refusal = mp_obj_get_int(reason);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(refusal_obj, set_refusal);

// kick(reason): the access point sends the station away.
static mp_obj_t kick(mp_obj_t reason) {
    model_net_lock();
    model_air_kick(mp_obj_get_int(reason));
    model_net_unlock();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(kick_obj, kick);

// joins() -> attempts to join so far.
static mp_obj_t joins(void) {
    return mp_obj_new_int_from_uint(model_air.joins);
}
static MP_DEFINE_CONST_FUN_OBJ_0(joins_obj, joins);

// lease(address): what DHCP gives; who has an address by DHCP gets this one soon.
static mp_obj_t set_lease(mp_obj_t address) {
    uint8_t octets[4];
    netutils_parse_ipv4_addr(address, octets, NETUTILS_BIG);
    model_net_lock();
    memcpy(&model_lease.address, octets, 4);
    memcpy(&model_lease.gateway, octets, 4);
    model_lease_changed();
    model_net_unlock();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(lease_obj, set_lease);

// cable(plugged): the Ethernet cable.
static mp_obj_t set_cable(mp_obj_t plugged) {
    model_cable.plugged = mp_obj_is_true(plugged);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(cable_obj, set_cable);

// transceiver(present[, (mdc, mdio, clock, address)]): whether it answers, and to what pins and address.
static mp_obj_t set_transceiver(size_t n_args, const mp_obj_t *args) {
    model_cable.present = mp_obj_is_true(args[0]);
    if (n_args > 1) {
        mp_obj_t *parts;
        mp_obj_get_array_fixed_n(args[1], 4, &parts);
        model_cable.mdc = mp_obj_get_int(parts[0]);
        model_cable.mdio = mp_obj_get_int(parts[1]);
        model_cable.clock = mp_obj_get_int(parts[2]);
        model_cable.address = mp_obj_get_int(parts[3]);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(transceiver_obj, 1, 2, set_transceiver);

// loopback(on): whether 127.x.x.x is the chip itself, always there (at first), or the network, reached through
// an interface that is up.
static mp_obj_t set_loopback(mp_obj_t on) {
    model_loopback = mp_obj_is_true(on);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(loopback_obj, set_loopback);

// fail_sends(errno, count): the next sends fail.
static mp_obj_t fail_sends(mp_obj_t error, mp_obj_t count) {
    model_fail_sends(mp_obj_get_int(error), mp_obj_get_int(count));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(fail_sends_obj, fail_sends);

// sockets() -> how many are open.
static mp_obj_t sockets(void) {
    return MP_OBJ_NEW_SMALL_INT(model_sockets_used());
}
static MP_DEFINE_CONST_FUN_OBJ_0(sockets_obj, sockets);

static const mp_rom_map_elem_t globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_esp32_model) },
    { MP_ROM_QSTR(MP_QSTR_chip), MP_ROM_PTR(&chip_obj) },
    { MP_ROM_QSTR(MP_QSTR_speed), MP_ROM_PTR(&speed_obj) },
    { MP_ROM_QSTR(MP_QSTR_slow), MP_ROM_PTR(&slow_obj) },
    {MP_ROM_QSTR(MP_QSTR_leap), MP_ROM_PTR(&leap_obj)},
    { MP_ROM_QSTR(MP_QSTR_stall), MP_ROM_PTR(&stall_obj) },
    { MP_ROM_QSTR(MP_QSTR_schedule), MP_ROM_PTR(&schedule_obj) },
    { MP_ROM_QSTR(MP_QSTR_panic), MP_ROM_PTR(&panic_obj) },
    { MP_ROM_QSTR(MP_QSTR_counters), MP_ROM_PTR(&counters_obj) },
    { MP_ROM_QSTR(MP_QSTR_air), MP_ROM_PTR(&air_obj) },
    { MP_ROM_QSTR(MP_QSTR_refusal), MP_ROM_PTR(&refusal_obj) },
    { MP_ROM_QSTR(MP_QSTR_kick), MP_ROM_PTR(&kick_obj) },
    { MP_ROM_QSTR(MP_QSTR_joins), MP_ROM_PTR(&joins_obj) },
    { MP_ROM_QSTR(MP_QSTR_lease), MP_ROM_PTR(&lease_obj) },
    { MP_ROM_QSTR(MP_QSTR_cable), MP_ROM_PTR(&cable_obj) },
    { MP_ROM_QSTR(MP_QSTR_transceiver), MP_ROM_PTR(&transceiver_obj) },
    { MP_ROM_QSTR(MP_QSTR_loopback), MP_ROM_PTR(&loopback_obj) },
    { MP_ROM_QSTR(MP_QSTR_fail_sends), MP_ROM_PTR(&fail_sends_obj) },
    { MP_ROM_QSTR(MP_QSTR_sockets), MP_ROM_PTR(&sockets_obj) },
    { MP_ROM_QSTR(MP_QSTR_i2s_channels), MP_ROM_PTR(&i2s_channels_obj) },
    { MP_ROM_QSTR(MP_QSTR_i2s_hear), MP_ROM_PTR(&i2s_hear_obj) },
    { MP_ROM_QSTR(MP_QSTR_i2s_said), MP_ROM_PTR(&i2s_said_obj) },
    { MP_ROM_QSTR(MP_QSTR_i2s_waiting), MP_ROM_PTR(&i2s_waiting_obj) },
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t esp32_model_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&globals,
};

MP_REGISTER_MODULE(MP_QSTR_esp32_model, esp32_model_module);
