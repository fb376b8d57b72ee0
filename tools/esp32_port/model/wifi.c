// IDF's Wi-Fi: a station and an access point of its own. What happens is told by events, some time later.
//
// An attempt to join scans (0.9 to 1.7 s), authenticates (0.2 to 0.4 s) and asks for an address (0.4 to 0.9 s).
// A name that nobody answers to costs a scan of every channel. A lost access point shows after six seconds
// without its beacons.
#include "esp_wifi.h"
#include "esp_wifi_ap_get_sta_list.h"
#include "network.h"

#include <stdlib.h>
#include <string.h>

#include "esp_heap_caps.h"
#include "esp_mac.h"
#include "esp_psram.h"
#include "mdns.h"

#define LEAST_SCAN_MS 900
#define MOST_SCAN_MS 1700
#define LEAST_JOIN_MS 200
#define MOST_JOIN_MS 400
#define FULL_SCAN_MS 2400
#define HANDSHAKE_MS 2500 // until a handshake with a wrong password is given up
#define BEACONS_MS 6000
#define INIT_BYTES (24 << 10) // taken by esp_wifi_init and by esp_wifi_start: estimates, 50 KB in all
#define START_BYTES (26 << 10)

esp_event_base_t WIFI_EVENT = "WIFI_EVENT";
struct model_air model_air = {.refusal = WIFI_REASON_AUTH_FAIL};

enum state { IDLE, CONNECTING, CONNECTED };

static bool initialised, started;
static wifi_mode_t mode = WIFI_MODE_NULL;
static wifi_config_t station, point = {.ap = {.ssid = "ESP_000001", .ssid_len = 10, .channel = 1, .max_connection = 4}};
static enum state state;
static int attempt; // counts, so that what an old attempt set going is seen to be old
static wifi_ps_type_t saving = WIFI_PS_MIN_MODEM;
static uint8_t channel = 1, protocols = WIFI_PROTOCOL_11B | WIFI_PROTOCOL_11G | WIFI_PROTOCOL_11N;
static int8_t power = 80;
static wifi_bandwidth_t bandwidth = WIFI_BW20;
static struct model_point found[MOST_POINTS];
static int found_count;
static void *memory[2];

static int between(int wanted, int least, int most) {
    return wanted ? wanted : least + rand() % (most - least);
}

static struct model_point *find_point(void) {
    for (int i = 0; i < model_air.count; i++) {
        if (strncmp(model_air.points[i].ssid, (const char *)station.sta.ssid, 32) == 0) {
            return &model_air.points[i];
        }
    }
    return NULL;
}

static bool wrong_password(const struct model_point *there) {
    return there->password[0] && strncmp(there->password, (const char *)station.sta.password, 64) != 0;
}

// With the lock: the station is not, or no longer, joined.
static void leave(int reason) {
    wifi_event_sta_disconnected_t event = {.reason = reason};
    memcpy(event.ssid, station.sta.ssid, sizeof(event.ssid));
    attempt++;
    state = IDLE;
    model_netif_link(model_station, false);
    model_post(WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, &event, sizeof(event));
}

static void joined(int which) {
    model_net_lock();
    struct model_point *there = find_point();
    if (which == attempt && there == NULL) {
        leave(WIFI_REASON_AUTH_EXPIRE);
    } else if (which == attempt && wrong_password(there)) {
        leave(model_air.refusal);
    } else if (which == attempt) {
        state = CONNECTED;
        channel = there->channel;
        model_post(WIFI_EVENT, WIFI_EVENT_STA_CONNECTED, NULL, 0);
        model_netif_link(model_station, true);
    }
    model_net_unlock();
}

static void nobody_there(int which) {
    model_net_lock();
    if (which == attempt) {
        leave(WIFI_REASON_NO_AP_FOUND);
    }
    model_net_unlock();
}

static void scanned(int which) {
    model_net_lock();
    struct model_point *there = find_point();
    if (which == attempt && there) {
        int ms = between(model_air.join_ms, LEAST_JOIN_MS, MOST_JOIN_MS);
        if (wrong_password(there) && !model_air.join_ms) {
            ms += HANDSHAKE_MS;
        }
        model_later(ms * 1000LL, joined, attempt);
    } else if (which == attempt) {
        model_later(model_air.scan_ms ? 0 : (FULL_SCAN_MS - MOST_SCAN_MS) * 1000LL, nobody_there, attempt);
    }
    model_net_unlock();
}

static void beacons_missed(int which) {
    model_net_lock();
    if (which == attempt && state == CONNECTED && find_point() == NULL) {
        leave(WIFI_REASON_BEACON_TIMEOUT);
    }
    model_net_unlock();
}

void model_air_changed(void) {
    if (state == CONNECTED && find_point() == NULL) {
        model_later(BEACONS_MS * 1000LL, beacons_missed, attempt);
    }
}

void model_air_kick(int reason) {
    if (state != IDLE) {
        leave(reason);
    }
}

// Start and stop

esp_err_t esp_wifi_init(const wifi_init_config_t *config) {
    (void)config;
    memory[0] = heap_caps_malloc(INIT_BYTES, MALLOC_CAP_INTERNAL);
    initialised = memory[0] != NULL;
    return initialised ? ESP_OK : ESP_ERR_NO_MEM;
}

esp_err_t esp_wifi_set_storage(wifi_storage_t storage) {
    (void)storage;
    return ESP_OK;
}

static void switch_mode(wifi_mode_t before, wifi_mode_t after) {
    if ((before & WIFI_MODE_STA) && !(after & WIFI_MODE_STA)) {
        if (state != IDLE) {
            leave(WIFI_REASON_ASSOC_LEAVE);
        }
        model_post(WIFI_EVENT, WIFI_EVENT_STA_STOP, NULL, 0);
    }
    if ((before & WIFI_MODE_AP) && !(after & WIFI_MODE_AP)) {
        model_netif_link(model_point_netif, false);
        model_post(WIFI_EVENT, WIFI_EVENT_AP_STOP, NULL, 0);
    }
    if (!(before & WIFI_MODE_STA) && (after & WIFI_MODE_STA)) {
        model_post(WIFI_EVENT, WIFI_EVENT_STA_START, NULL, 0);
    }
    if (!(before & WIFI_MODE_AP) && (after & WIFI_MODE_AP)) {
        model_netif_up(model_point_netif);
        model_post(WIFI_EVENT, WIFI_EVENT_AP_START, NULL, 0);
    }
}

esp_err_t esp_wifi_set_mode(wifi_mode_t wanted) {
    model_net_lock();
    if (started) {
        switch_mode(mode, wanted);
    }
    mode = wanted;
    model_net_unlock();
    return ESP_OK;
}

esp_err_t esp_wifi_get_mode(wifi_mode_t *wanted) {
    *wanted = mode;
    return initialised ? ESP_OK : ESP_ERR_WIFI_NOT_INIT;
}

esp_err_t esp_wifi_start(void) {
    memory[1] = heap_caps_malloc(START_BYTES, MALLOC_CAP_INTERNAL);
    if (memory[1] == NULL) {
        return ESP_ERR_NO_MEM;
    }
    model_net_lock();
    started = true;
    switch_mode(WIFI_MODE_NULL, mode);
    model_net_unlock();
    return ESP_OK;
}

esp_err_t esp_wifi_stop(void) {
    model_net_lock();
    if (started) {
        switch_mode(mode, WIFI_MODE_NULL);
        heap_caps_free(memory[1]);
    }
    started = false;
    model_net_unlock();
    return ESP_OK;
}

// The station

esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t *config) {
    esp_err_t result = ESP_OK;
    model_net_lock();
    int bit = interface == WIFI_IF_STA ? WIFI_MODE_STA : WIFI_MODE_AP;
    if (started && !(mode & bit)) {
        result = ESP_ERR_WIFI_MODE;
    } else if (interface == WIFI_IF_STA && state == CONNECTING && ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 5, 0)) {
        result = ESP_ERR_WIFI_STATE; // "sta is connecting, cannot set config"
    } else if (interface == WIFI_IF_STA) {
        station = *config;
    } else if (config->ap.authmode != WIFI_AUTH_OPEN && strnlen((char *)config->ap.password, 64) < 8) {
        result = ESP_ERR_WIFI_PASSWORD;
    } else {
        point = *config;
    }
    model_net_unlock();
    return result;
}

esp_err_t esp_wifi_get_config(wifi_interface_t interface, wifi_config_t *config) {
    *config = interface == WIFI_IF_STA ? station : point;
    return initialised ? ESP_OK : ESP_ERR_WIFI_NOT_INIT;
}

esp_err_t esp_wifi_connect(void) {
    esp_err_t result = ESP_OK;
    model_net_lock();
    if (!started || !(mode & WIFI_MODE_STA)) {
        result = started ? ESP_ERR_WIFI_MODE : ESP_ERR_WIFI_NOT_STARTED;
    } else if (state != IDLE) {
        result = ESP_ERR_WIFI_CONN; // "sta is connecting, return error"
    } else if (station.sta.ssid[0] == 0) {
        result = ESP_ERR_WIFI_SSID;
    } else {
        state = CONNECTING;
        model_air.joins++;
        model_later(between(model_air.scan_ms, LEAST_SCAN_MS, MOST_SCAN_MS) * 1000LL, scanned, ++attempt);
    }
    model_net_unlock();
    return result;
}

esp_err_t esp_wifi_disconnect(void) {
    model_net_lock();
    esp_err_t result = started ? ESP_OK : ESP_ERR_WIFI_NOT_STARTED;
    if (started && state != IDLE) {
        leave(WIFI_REASON_ASSOC_LEAVE);
    }
    model_net_unlock();
    return result;
}

esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t *record) {
    model_net_lock();
    struct model_point *there = state == CONNECTED ? find_point() : NULL;
    memset(record, 0, sizeof(*record));
    if (there) {
        strcpy((char *)record->ssid, there->ssid);
        record->rssi = there->rssi;
        record->primary = there->channel;
    }
    model_net_unlock();
    return there ? ESP_OK : ESP_ERR_WIFI_NOT_CONNECT;
}

// Scans, which the port lets the main task wait for

esp_err_t esp_wifi_scan_start(const wifi_scan_config_t *config, bool block) {
    (void)config;
    (void)block;
    model_net_lock();
    esp_err_t result = !started ? ESP_ERR_WIFI_NOT_STARTED : state == CONNECTING ? ESP_ERR_WIFI_STATE : ESP_OK;
    model_net_unlock();
    if (result == ESP_OK) {
        int64_t end = model_now() + (model_air.scan_ms ? model_air.scan_ms : FULL_SCAN_MS) * 1000LL;
        model_lock();
        while (model_now() < end) {
            model_block(end);
        }
        model_unlock();
        model_net_lock();
        found_count = model_air.count;
        memcpy(found, model_air.points, sizeof(found));
        model_net_unlock();
    }
    return result;
}

esp_err_t esp_wifi_scan_get_ap_num(uint16_t *number) {
    *number = found_count;
    return ESP_OK;
}

esp_err_t esp_wifi_scan_get_ap_records(uint16_t *number, wifi_ap_record_t *records) {
    if (*number > found_count) {
        *number = found_count;
    }
    for (int i = 0; i < *number; i++) {
        memset(&records[i], 0, sizeof(records[i]));
        strcpy((char *)records[i].ssid, found[i].ssid);
        records[i].bssid[0] = 2;
        records[i].bssid[5] = i + 1;
        records[i].rssi = found[i].rssi;
        records[i].primary = found[i].channel;
        records[i].authmode = found[i].password[0] ? WIFI_AUTH_WPA2_PSK : WIFI_AUTH_OPEN;
    }
    return ESP_OK;
}

esp_err_t esp_wifi_ap_get_sta_list(wifi_sta_list_t *stations) {
    memset(stations, 0, sizeof(*stations));
    return ESP_OK;
}

esp_err_t esp_wifi_ap_get_sta_list_with_ip(const wifi_sta_list_t *stations, wifi_sta_mac_ip_list_t *pairs) {
    memset(pairs, 0, sizeof(*pairs));
    pairs->num = stations->num;
    return ESP_OK;
}

// Settings

esp_err_t esp_wifi_get_mac(wifi_interface_t interface, uint8_t mac[6]) {
    return esp_read_mac(mac, interface == WIFI_IF_STA ? ESP_MAC_WIFI_STA : ESP_MAC_WIFI_SOFTAP);
}

esp_err_t esp_wifi_set_mac(wifi_interface_t interface, const uint8_t mac[6]) {
    (void)interface;
    return mac[0] & 1 ? ESP_ERR_WIFI_MAC : ESP_OK;
}

esp_err_t esp_wifi_get_channel(uint8_t *primary, wifi_second_chan_t *second) {
    *primary = channel;
    *second = WIFI_SECOND_CHAN_NONE;
    return started ? ESP_OK : ESP_ERR_WIFI_NOT_STARTED;
}

esp_err_t esp_wifi_set_channel(uint8_t primary, wifi_second_chan_t second) {
    (void)second;
    if (!started) {
        return ESP_ERR_WIFI_NOT_STARTED;
    }
    if (primary < 1 || primary > 14) {
        return ESP_ERR_INVALID_ARG;
    }
    channel = primary;
    return ESP_OK;
}

esp_err_t esp_wifi_get_max_tx_power(int8_t *quarters) {
    *quarters = power;
    return started ? ESP_OK : ESP_ERR_WIFI_NOT_STARTED;
}

esp_err_t esp_wifi_set_max_tx_power(int8_t quarters) {
    power = quarters;
    return started ? ESP_OK : ESP_ERR_WIFI_NOT_STARTED;
}

esp_err_t esp_wifi_get_protocol(wifi_interface_t interface, uint8_t *bits) {
    (void)interface;
    *bits = protocols;
    return ESP_OK;
}

esp_err_t esp_wifi_set_protocol(wifi_interface_t interface, uint8_t bits) {
    (void)interface;
    protocols = bits;
    return ESP_OK;
}

esp_err_t esp_wifi_get_bandwidth(wifi_interface_t interface, wifi_bandwidth_t *wanted) {
    (void)interface;
    *wanted = bandwidth;
    return ESP_OK;
}

esp_err_t esp_wifi_set_bandwidth(wifi_interface_t interface, wifi_bandwidth_t wanted) {
    (void)interface;
    bandwidth = wanted;
    return ESP_OK;
}

esp_err_t esp_wifi_get_ps(wifi_ps_type_t *type) {
    *type = saving;
    return ESP_OK;
}

esp_err_t esp_wifi_set_ps(wifi_ps_type_t type) {
    saving = type;
    return ESP_OK;
}

bool esp_psram_is_initialized(void) {
    return model_board.psram > 0;
}

// mDNS: nobody answers to a name in .local

esp_err_t mdns_init(void) {
    return ESP_OK;
}

esp_err_t mdns_hostname_set(const char *name) {
    (void)name;
    return ESP_OK;
}

esp_err_t mdns_instance_name_set(const char *name) {
    (void)name;
    return ESP_OK;
}

esp_err_t mdns_query_a(const char *name, uint32_t timeout_ms, esp_ip4_addr_t *address) {
    (void)name;
    (void)address;
    int64_t end = model_now() + timeout_ms * 1000LL;
    model_lock();
    while (model_now() < end) {
        model_block(end);
    }
    model_unlock();
    return ESP_ERR_NOT_FOUND;
}
