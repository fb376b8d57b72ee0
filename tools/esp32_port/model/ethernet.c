// The classic ESP32's Ethernet: its MAC, a transceiver that answers where it is wired, and a cable. The driver
// looks at the link every two seconds.
#include "esp_eth.h"
#include "network.h"

#include <stdlib.h>
#include <string.h>

#include "esp_heap_caps.h"

#define LOOK_US 2000000
#define DMA_BYTES (25 << 10) // buffers of the MAC: an estimate

struct model_phy {
    int address;
};
struct model_mac {
    int mdc, mdio, clock;
};
struct model_ethernet {
    bool started, link;
    int starts;
    uint8_t mac[6];
    void *buffers;
};

esp_event_base_t ETH_EVENT = "ETH_EVENT";
struct model_cable model_cable = {
    .plugged = true, .present = true, .mdc = -1, .mdio = -1, .power = -1, .clock = -1, .address = -1,
};

static struct model_ethernet ethernet;

static esp_eth_phy_t *new_phy(const eth_phy_config_t *config) {
    esp_eth_phy_t *phy = calloc(1, sizeof(*phy));
    phy->address = config->phy_addr;
    return phy;
}

esp_eth_phy_t *esp_eth_phy_new_lan87xx(const eth_phy_config_t *config) {
    return new_phy(config);
}

// Other kinds of transceivers are not on any of our boards: they do not answer.
static esp_eth_phy_t *strange_phy(const eth_phy_config_t *config) {
    esp_eth_phy_t *phy = new_phy(config);
    phy->address = -2;
    return phy;
}

esp_eth_phy_t *esp_eth_phy_new_ip101(const eth_phy_config_t *config) {
    return strange_phy(config);
}

esp_eth_phy_t *esp_eth_phy_new_rtl8201(const eth_phy_config_t *config) {
    return strange_phy(config);
}

esp_eth_phy_t *esp_eth_phy_new_dp83848(const eth_phy_config_t *config) {
    return strange_phy(config);
}

esp_eth_phy_t *esp_eth_phy_new_ksz80xx(const eth_phy_config_t *config) {
    return strange_phy(config);
}

esp_eth_phy_t *esp_eth_phy_new_lan867x(const eth_phy_config_t *config) {
    return strange_phy(config);
}

esp_eth_phy_t *esp_eth_phy_new_generic(const eth_phy_config_t *config) {
    return new_phy(config);
}

esp_eth_mac_t *esp_eth_mac_new_esp32(const eth_esp32_emac_config_t *chip, const eth_mac_config_t *config) {
    (void)config;
    if (!model_is_classic()) {
        return NULL;
    }
    esp_eth_mac_t *mac = calloc(1, sizeof(*mac));
    mac->mdc = chip->smi_mdc_gpio_num;
    mac->mdio = chip->smi_mdio_gpio_num;
    mac->clock = chip->clock_config.rmii.clock_gpio;
    return mac;
}

static bool wired(int wanted, int given) {
    return wanted < 0 || wanted == given;
}

esp_err_t esp_eth_driver_install(const esp_eth_config_t *config, esp_eth_handle_t *handle) {
    if (config->mac == NULL || config->phy == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    bool answers = model_cable.present && wired(model_cable.mdc, config->mac->mdc)
        && wired(model_cable.mdio, config->mac->mdio) && wired(model_cable.clock, config->mac->clock)
        && wired(model_cable.address, config->phy->address) && config->phy->address >= 0;
    if (!answers) {
        return ESP_ERR_TIMEOUT; // no answer to the reset of the transceiver
    }
    ethernet.buffers = heap_caps_malloc(DMA_BYTES, MALLOC_CAP_DMA);
    if (ethernet.buffers == NULL) {
        return ESP_ERR_NO_MEM;
    }
    *handle = &ethernet;
    return ESP_OK;
}

void *esp_eth_new_netif_glue(esp_eth_handle_t handle) {
    return handle;
}

esp_err_t esp_eth_ioctl(esp_eth_handle_t handle, int command, void *data) {
    if (command == ETH_CMD_G_MAC_ADDR) {
        memcpy(data, handle->mac, 6);
    } else {
        memcpy(handle->mac, data, 6);
    }
    return ESP_OK;
}

static void look(int which) {
    model_net_lock();
    if (which == ethernet.starts && ethernet.started) {
        if (ethernet.link != model_cable.plugged) {
            ethernet.link = model_cable.plugged;
            model_post(ETH_EVENT, ethernet.link ? ETHERNET_EVENT_CONNECTED : ETHERNET_EVENT_DISCONNECTED, NULL, 0);
            model_netif_link(model_cable_netif, ethernet.link);
        }
        model_later(LOOK_US, look, which);
    }
    model_net_unlock();
}

esp_err_t esp_eth_start(esp_eth_handle_t handle) {
    model_net_lock();
    esp_err_t result = handle->started ? ESP_ERR_INVALID_STATE : ESP_OK;
    if (result == ESP_OK) {
        handle->started = true;
        model_post(ETH_EVENT, ETHERNET_EVENT_START, NULL, 0);
        model_later(LOOK_US, look, ++handle->starts);
    }
    model_net_unlock();
    return result;
}

esp_err_t esp_eth_stop(esp_eth_handle_t handle) {
    model_net_lock();
    esp_err_t result = handle->started ? ESP_OK : ESP_ERR_INVALID_STATE;
    if (result == ESP_OK) {
        handle->started = handle->link = false;
        model_netif_link(model_cable_netif, false);
        model_post(ETH_EVENT, ETHERNET_EVENT_STOP, NULL, 0);
    }
    model_net_unlock();
    return result;
}
