// Network interfaces: a link that is up or not, and an address by DHCP or by hand.
#include "network.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "esp_mac.h"

#define MOST_NETIFS 4
#define LEAST_DHCP_MS 400
#define MOST_DHCP_MS 900

struct esp_netif_obj {
    const char *key, *name;
    int got_ip; // the event, or -1
    bool link, address_up;
    int attempt; // counts what makes an answer of DHCP that is under way stale
    esp_netif_dhcp_status_t dhcp;
    esp_netif_ip_info_t info;
    esp_netif_dns_info_t dns;
};

esp_event_base_t IP_EVENT = "IP_EVENT";
struct model_lease model_lease = {.address = {0x0100007f}, .netmask = {0x000000ff}, .gateway = {0x0100007f}};

esp_netif_t *model_station, *model_point_netif, *model_cable_netif;

static struct esp_netif_obj netifs[MOST_NETIFS];
static int count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void model_net_lock(void) {
    pthread_mutex_lock(&lock);
}

void model_net_unlock(void) {
    pthread_mutex_unlock(&lock);
}

uint32_t esp_netif_htonl(uint32_t value) {
    return htonl(value);
}

esp_err_t esp_netif_init(void) {
    return ESP_OK;
}

esp_err_t esp_read_mac(uint8_t *mac, esp_mac_type_t type) {
    static const uint8_t base[6] = {0x02, 0xba, 0xce, 0x11, 0x7e, 0x01};
    memcpy(mac, base, 6);
    mac[5] += type;
    return ESP_OK;
}

static esp_netif_t *make(const char *key, const char *name, int got_ip) {
    for (int i = 0; i < count; i++) {
        if (strcmp(netifs[i].key, key) == 0) {
            return NULL; // keys are unique
        }
    }
    if (count == MOST_NETIFS) {
        return NULL;
    }
    netifs[count] = (struct esp_netif_obj) {.key = key, .name = name, .got_ip = got_ip, .dhcp = ESP_NETIF_DHCP_STARTED};
    return &netifs[count++];
}

esp_netif_t *esp_netif_new(const esp_netif_config_t *config) {
    return make(config->if_key, config->name, IP_EVENT_ETH_GOT_IP);
}

esp_netif_t *esp_netif_create_default_wifi_sta(void) {
    return model_station = make("WIFI_STA_DEF", "st", IP_EVENT_STA_GOT_IP);
}

esp_netif_t *esp_netif_create_default_wifi_ap(void) {
    esp_netif_t *netif = make("WIFI_AP_DEF", "ap", -1);
    netif->info = (esp_netif_ip_info_t) {
        .ip = {htonl(0xc0a80401)}, .netmask = {htonl(0xffffff00)}, .gw = {htonl(0xc0a80401)},
    };
    return model_point_netif = netif;
}

esp_err_t esp_netif_attach(esp_netif_t *netif, void *driver) {
    if (netif == NULL || driver == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    model_cable_netif = netif;
    return ESP_OK;
}

// Addresses

static void tell_address(esp_netif_t *netif) {
    netif->address_up = true;
    model_post(IP_EVENT, netif->got_ip, NULL, 0);
}

static void leased(int which) {
    model_net_lock();
    esp_netif_t *netif = &netifs[which % MOST_NETIFS];
    if (netif->attempt == which / MOST_NETIFS && netif->link && netif->dhcp == ESP_NETIF_DHCP_STARTED) {
        netif->info = (esp_netif_ip_info_t) {model_lease.address, model_lease.netmask, model_lease.gateway};
        netif->dns.ip.u_addr.ip4 = model_lease.dns;
        tell_address(netif);
    }
    model_net_unlock();
}

static void ask_dhcp(esp_netif_t *netif) {
    int ms = model_air.dhcp_ms ? model_air.dhcp_ms : LEAST_DHCP_MS + rand() % (MOST_DHCP_MS - LEAST_DHCP_MS);
    model_later(ms * 1000LL, leased, ++netif->attempt * MOST_NETIFS + (int)(netif - netifs));
}

void model_netif_link(esp_netif_t *netif, bool up) {
    if (netif == NULL || netif->link == up) {
        return;
    }
    netif->link = up;
    netif->attempt++;
    if (!up) {
        netif->address_up = false;
        if (netif->dhcp == ESP_NETIF_DHCP_STARTED) {
            memset(&netif->info, 0, sizeof(netif->info));
        }
    } else if (netif->dhcp == ESP_NETIF_DHCP_STARTED) {
        ask_dhcp(netif);
    } else if (netif->info.ip.addr) {
        tell_address(netif);
    }
}

void model_netif_up(esp_netif_t *netif) {
    netif->link = netif->address_up = true;
}

// The network gives another address: whoever has one by DHCP gets the new one.
void model_lease_changed(void) {
    for (int i = 0; i < count; i++) {
        if (netifs[i].link && netifs[i].got_ip >= 0 && netifs[i].dhcp == ESP_NETIF_DHCP_STARTED) {
            ask_dhcp(&netifs[i]);
        }
    }
}

bool model_netif_any_up(void) {
    for (int i = 0; i < count; i++) {
        if (netifs[i].address_up) {
            return true;
        }
    }
    return false;
}

esp_err_t esp_netif_get_ip_info(esp_netif_t *netif, esp_netif_ip_info_t *info) {
    model_net_lock();
    *info = netif->info;
    model_net_unlock();
    return ESP_OK;
}

esp_err_t esp_netif_set_ip_info(esp_netif_t *netif, const esp_netif_ip_info_t *info) {
    model_net_lock();
    netif->info = *info;
    if (netif->link && netif->got_ip >= 0 && info->ip.addr) {
        tell_address(netif);
    }
    model_net_unlock();
    return ESP_OK;
}

esp_err_t esp_netif_get_dns_info(esp_netif_t *netif, esp_netif_dns_type_t type, esp_netif_dns_info_t *dns) {
    (void)type;
    *dns = netif->dns;
    return ESP_OK;
}

esp_err_t esp_netif_set_dns_info(esp_netif_t *netif, esp_netif_dns_type_t type, esp_netif_dns_info_t *dns) {
    (void)type;
    netif->dns = *dns;
    return ESP_OK;
}

esp_err_t esp_netif_dhcpc_start(esp_netif_t *netif) {
    model_net_lock();
    esp_err_t result = netif->dhcp == ESP_NETIF_DHCP_STARTED ? ESP_ERR_ESP_NETIF_DHCP_ALREADY_STARTED : ESP_OK;
    if (result == ESP_OK) {
        netif->dhcp = ESP_NETIF_DHCP_STARTED;
        netif->address_up = false;
        memset(&netif->info, 0, sizeof(netif->info));
        if (netif->link) {
            ask_dhcp(netif);
        }
    }
    model_net_unlock();
    return result;
}

esp_err_t esp_netif_dhcpc_stop(esp_netif_t *netif) {
    model_net_lock();
    esp_err_t result = netif->dhcp == ESP_NETIF_DHCP_STOPPED ? ESP_ERR_ESP_NETIF_DHCP_ALREADY_STOPPED : ESP_OK;
    netif->dhcp = ESP_NETIF_DHCP_STOPPED;
    model_net_unlock();
    return result;
}

esp_err_t esp_netif_dhcpc_get_status(esp_netif_t *netif, esp_netif_dhcp_status_t *status) {
    *status = netif->dhcp;
    return ESP_OK;
}

esp_err_t esp_netif_dhcps_start(esp_netif_t *netif) {
    netif->dhcp = ESP_NETIF_DHCP_STARTED;
    return ESP_OK;
}

esp_err_t esp_netif_dhcps_stop(esp_netif_t *netif) {
    esp_err_t result = netif->dhcp == ESP_NETIF_DHCP_STOPPED ? ESP_ERR_ESP_NETIF_DHCP_ALREADY_STOPPED : ESP_OK;
    netif->dhcp = ESP_NETIF_DHCP_STOPPED;
    return result;
}

esp_err_t esp_netif_set_hostname(esp_netif_t *netif, const char *name) {
    return netif && name ? ESP_OK : ESP_ERR_ESP_NETIF_INVALID_PARAMS;
}

esp_err_t esp_netif_set_mac(esp_netif_t *netif, uint8_t mac[6]) {
    (void)mac;
    return netif ? ESP_OK : ESP_ERR_ESP_NETIF_INVALID_PARAMS;
}

esp_err_t esp_netif_get_netif_impl_name(esp_netif_t *netif, char *name) {
    strcpy(name, netif->name);
    strcat(name, "1");
    return ESP_OK;
}
