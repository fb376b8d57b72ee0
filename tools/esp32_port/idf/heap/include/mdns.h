#pragma once
#include "esp_netif.h"

esp_err_t mdns_init(void);
esp_err_t mdns_hostname_set(const char *name);
esp_err_t mdns_instance_name_set(const char *name);
esp_err_t mdns_query_a(const char *name, uint32_t timeout_ms, esp_ip4_addr_t *address);
