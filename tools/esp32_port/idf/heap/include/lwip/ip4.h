#pragma once
#include "lwip/sockets.h"

typedef struct {
    uint32_t addr;
} ip4_addr_t;
typedef ip4_addr_t ip_addr_t;
#define IPADDR_STRLEN_MAX 46
#define inet_addr_from_ip4addr(target, source) ((target)->s_addr = (source)->addr)

char *ip4addr_ntoa_r(const ip4_addr_t *address, char *text, int size);
#define ipaddr_ntoa_r ip4addr_ntoa_r
int ipaddr_aton(const char *text, ip_addr_t *address);
