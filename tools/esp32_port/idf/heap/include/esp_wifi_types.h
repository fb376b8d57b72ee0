#pragma once
#include "esp_netif.h"

#define ESP_ERR_WIFI_NOT_INIT 0x3001
#define ESP_ERR_WIFI_NOT_STARTED 0x3002
#define ESP_ERR_WIFI_NOT_STOPPED 0x3003
#define ESP_ERR_WIFI_IF 0x3004
#define ESP_ERR_WIFI_MODE 0x3005
#define ESP_ERR_WIFI_STATE 0x3006
#define ESP_ERR_WIFI_CONN 0x3007
#define ESP_ERR_WIFI_NVS 0x3008
#define ESP_ERR_WIFI_MAC 0x3009
#define ESP_ERR_WIFI_SSID 0x300a
#define ESP_ERR_WIFI_PASSWORD 0x300b
#define ESP_ERR_WIFI_TIMEOUT 0x300c
#define ESP_ERR_WIFI_WAKE_FAIL 0x300d
#define ESP_ERR_WIFI_WOULD_BLOCK 0x300e
#define ESP_ERR_WIFI_NOT_CONNECT 0x300f

extern esp_event_base_t WIFI_EVENT;
enum { WIFI_EVENT_WIFI_READY, WIFI_EVENT_SCAN_DONE, WIFI_EVENT_STA_START, WIFI_EVENT_STA_STOP,
       WIFI_EVENT_STA_CONNECTED, WIFI_EVENT_STA_DISCONNECTED, WIFI_EVENT_AP_START = 12, WIFI_EVENT_AP_STOP };

typedef enum { WIFI_MODE_NULL, WIFI_MODE_STA, WIFI_MODE_AP, WIFI_MODE_APSTA } wifi_mode_t;
typedef esp_interface_t wifi_interface_t;
#define WIFI_IF_STA ESP_IF_WIFI_STA
#define WIFI_IF_AP ESP_IF_WIFI_AP

typedef enum {
    WIFI_REASON_UNSPECIFIED = 1,
    WIFI_REASON_AUTH_EXPIRE = 2,
    WIFI_REASON_ASSOC_LEAVE = 8,
    WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT = 15,
    WIFI_REASON_BEACON_TIMEOUT = 200,
    WIFI_REASON_NO_AP_FOUND = 201,
    WIFI_REASON_AUTH_FAIL = 202,
    WIFI_REASON_ASSOC_FAIL = 203,
    WIFI_REASON_HANDSHAKE_TIMEOUT = 204,
    WIFI_REASON_CONNECTION_FAIL = 205,
    WIFI_REASON_NO_AP_FOUND_W_COMPATIBLE_SECURITY = 210,
    WIFI_REASON_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD = 211,
    WIFI_REASON_NO_AP_FOUND_IN_RSSI_THRESHOLD = 212,
} wifi_err_reason_t;

// As many as the IDF release has: the port checks their number.
typedef enum {
    WIFI_AUTH_OPEN,
    WIFI_AUTH_WEP,
    WIFI_AUTH_WPA_PSK,
    WIFI_AUTH_WPA2_PSK,
    WIFI_AUTH_WPA_WPA2_PSK,
    WIFI_AUTH_ENTERPRISE,
    WIFI_AUTH_WPA2_ENTERPRISE = WIFI_AUTH_ENTERPRISE,
    WIFI_AUTH_WPA3_PSK,
    WIFI_AUTH_WPA2_WPA3_PSK,
    WIFI_AUTH_WAPI_PSK,
    WIFI_AUTH_OWE,
    WIFI_AUTH_WPA3_ENT_192,
    WIFI_AUTH_WPA3_EXT_PSK,
    WIFI_AUTH_WPA3_EXT_PSK_MIXED_MODE,
    WIFI_AUTH_DPP,
    WIFI_AUTH_WPA3_ENTERPRISE,
    WIFI_AUTH_WPA2_WPA3_ENTERPRISE,
#if MODEL_IDF_MINOR >= 5
    WIFI_AUTH_WPA_ENTERPRISE,
#endif
    WIFI_AUTH_MAX,
} wifi_auth_mode_t;

typedef enum { WIFI_PS_NONE, WIFI_PS_MIN_MODEM, WIFI_PS_MAX_MODEM } wifi_ps_type_t;
typedef enum { WIFI_SECOND_CHAN_NONE, WIFI_SECOND_CHAN_ABOVE, WIFI_SECOND_CHAN_BELOW } wifi_second_chan_t;
typedef enum { WIFI_STORAGE_FLASH, WIFI_STORAGE_RAM } wifi_storage_t;
typedef enum { WIFI_BW20 = 1, WIFI_BW40, WIFI_BW80, WIFI_BW160, WIFI_BW80_BW80 } wifi_bandwidth_t;
#define WIFI_PROTOCOL_11B 1
#define WIFI_PROTOCOL_11G 2
#define WIFI_PROTOCOL_11N 4
#define WIFI_PROTOCOL_LR 8

typedef struct {
    uint8_t ssid[32], password[64];
    bool bssid_set;
    uint8_t bssid[6];
    uint8_t channel;
} wifi_sta_config_t;
typedef struct {
    uint8_t ssid[32], password[64];
    uint8_t ssid_len, channel;
    wifi_auth_mode_t authmode;
    uint8_t ssid_hidden, max_connection;
} wifi_ap_config_t;
typedef union {
    wifi_sta_config_t sta;
    wifi_ap_config_t ap;
} wifi_config_t;

typedef struct {
    uint8_t bssid[6], ssid[33];
    uint8_t primary;
    int8_t rssi;
    wifi_auth_mode_t authmode;
} wifi_ap_record_t;
typedef struct {
    uint8_t mac[6];
} wifi_sta_info_t;
typedef struct {
    wifi_sta_info_t sta[10];
    int num;
} wifi_sta_list_t;
typedef struct {
    bool show_hidden;
} wifi_scan_config_t;
typedef struct {
    uint8_t ssid[32], ssid_len, bssid[6], reason;
    int8_t rssi;
} wifi_event_sta_disconnected_t;
typedef struct {
    int cache_tx_buf_num, tx_buf_type, static_tx_buf_num, dynamic_tx_buf_num;
    uint64_t feature_caps;
} wifi_init_config_t;
#define WIFI_INIT_CONFIG_DEFAULT() { .dynamic_tx_buf_num = 32 }
