#pragma once
#include "driver/gpio.h"
#include "esp_event.h"

extern esp_event_base_t ETH_EVENT;
enum { ETHERNET_EVENT_START, ETHERNET_EVENT_STOP, ETHERNET_EVENT_CONNECTED, ETHERNET_EVENT_DISCONNECTED };
enum { ETH_CMD_G_MAC_ADDR, ETH_CMD_S_MAC_ADDR };
enum { EMAC_CLK_DEFAULT, EMAC_CLK_EXT_IN, EMAC_CLK_OUT };

typedef struct model_phy esp_eth_phy_t;
typedef struct model_mac esp_eth_mac_t;
typedef struct model_ethernet *esp_eth_handle_t;

typedef struct {
    int phy_addr, reset_gpio_num;
} eth_phy_config_t;
typedef struct {
    int flags;
} eth_mac_config_t;
typedef struct {
    int smi_mdc_gpio_num, smi_mdio_gpio_num;
    struct {
        struct {
            int clock_mode, clock_gpio;
        } rmii;
    } clock_config;
} eth_esp32_emac_config_t;
typedef struct {
    esp_eth_mac_t *mac;
    esp_eth_phy_t *phy;
} esp_eth_config_t;

#define ETH_PHY_DEFAULT_CONFIG() { .phy_addr = -1, .reset_gpio_num = 5 }
#define ETH_MAC_DEFAULT_CONFIG() { .flags = 0 }
#define ETH_ESP32_EMAC_DEFAULT_CONFIG() \
    { .smi_mdc_gpio_num = 23, .smi_mdio_gpio_num = 18, .clock_config = { { EMAC_CLK_DEFAULT, 0 } } }
#define ETH_DEFAULT_CONFIG(the_mac, the_phy) { .mac = (the_mac), .phy = (the_phy) }

esp_eth_phy_t *esp_eth_phy_new_lan87xx(const eth_phy_config_t *config);
esp_eth_phy_t *esp_eth_phy_new_ip101(const eth_phy_config_t *config);
esp_eth_phy_t *esp_eth_phy_new_rtl8201(const eth_phy_config_t *config);
esp_eth_phy_t *esp_eth_phy_new_dp83848(const eth_phy_config_t *config);
esp_eth_phy_t *esp_eth_phy_new_ksz80xx(const eth_phy_config_t *config);
esp_eth_phy_t *esp_eth_phy_new_lan867x(const eth_phy_config_t *config);
esp_eth_phy_t *esp_eth_phy_new_generic(const eth_phy_config_t *config);
esp_eth_mac_t *esp_eth_mac_new_esp32(const eth_esp32_emac_config_t *chip, const eth_mac_config_t *config);
esp_err_t esp_eth_driver_install(const esp_eth_config_t *config, esp_eth_handle_t *handle);
esp_err_t esp_eth_ioctl(esp_eth_handle_t handle, int command, void *data);
esp_err_t esp_eth_start(esp_eth_handle_t handle);
esp_err_t esp_eth_stop(esp_eth_handle_t handle);
void *esp_eth_new_netif_glue(esp_eth_handle_t handle);
