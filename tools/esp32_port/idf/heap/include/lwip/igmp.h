#pragma once
#include "lwip/ip4.h"
err_t igmp_joingroup(const ip4_addr_t *interface, const ip4_addr_t *group);
