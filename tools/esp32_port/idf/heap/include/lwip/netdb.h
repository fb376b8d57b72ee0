#pragma once
#include "lwip/sockets.h"

#define LWIP_EAI_NONAME 200
#define LWIP_EAI_FAIL 202
#define LWIP_EAI_MEMORY 203
#define LWIP_AI_CANONNAME 0x02
#ifndef MODEL_HOST_SOCKETS
#define EAI_MEMORY LWIP_EAI_MEMORY
#define AI_CANONNAME LWIP_AI_CANONNAME
#endif

#define MEMP_NETDB 0
void *lwip_memp_malloc(int pool);
#define memp_malloc lwip_memp_malloc

int lwip_getaddrinfo(const char *host, const char *port, const struct lwip_addrinfo *hints,
    struct lwip_addrinfo **found);
void lwip_freeaddrinfo(struct lwip_addrinfo *found);
