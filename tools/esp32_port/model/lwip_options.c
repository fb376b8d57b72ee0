// lwIP's socket options and select(), and the names of hosts.
#define MODEL_HOST_SOCKETS
#define MODEL_HOST_ERRNO
#include "lwip/dns.h"
#include "lwip/igmp.h"
#include "lwip/netdb.h"
#include "network.h"
#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define O_RDWR_OF_LWIP 2

uint16_t lwip_htons(uint16_t value) {
    return htons(value);
}

uint16_t lwip_ntohs(uint16_t value) {
    return ntohs(value);
}

int lwip_setsockopt(int fd, int level, int option, const void *value, lwip_socklen_t length) {
    struct slot *slot = model_slot_of(fd);
    if (slot == NULL) {
        return -1;
    }
    int64_t us = 0;
    if (level == LWIP_SOL_SOCKET && (option == LWIP_SO_RCVTIMEO || option == LWIP_SO_SNDTIMEO)) {
        const struct timeval *time = value;
        us = time->tv_sec * 1000000LL + time->tv_usec;
    }
    switch (level << 16 | option) {
        case LWIP_SOL_SOCKET << 16 | LWIP_SO_RCVTIMEO:
            slot->receive_us = us;
            return 0;
        case LWIP_SOL_SOCKET << 16 | LWIP_SO_SNDTIMEO:
            slot->send_us = us;
            return 0;
        case LWIP_SOL_SOCKET << 16 | LWIP_SO_REUSEADDR:
            return setsockopt(slot->host, SOL_SOCKET, SO_REUSEADDR, value, length);
        case LWIP_SOL_SOCKET << 16 | LWIP_SO_BROADCAST:
            return setsockopt(slot->host, SOL_SOCKET, SO_BROADCAST, value, length);
        case LWIP_SOL_SOCKET << 16 | LWIP_SO_BINDTODEVICE:
            return 0;
        case IPPROTO_TCP << 16 | LWIP_TCP_NODELAY:
            return slot->datagrams ? model_socket_fails(ENOPROTOOPT)
                : setsockopt(slot->host, IPPROTO_TCP, TCP_NODELAY, value, length);
        default:
            return model_socket_fails(ENOPROTOOPT);
    }
}

int lwip_getsockopt(int fd, int level, int option, void *value, lwip_socklen_t *length) {
    struct slot *slot = model_slot_of(fd);
    if (slot == NULL) {
        return -1;
    }
    if (level != LWIP_SOL_SOCKET || option != LWIP_SO_ERROR) {
        return model_socket_fails(ENOPROTOOPT);
    }
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(slot->host, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        model_socket_fails(error);
        error = errno;
    }
    *(int *)value = error;
    *length = sizeof(error);
    return 0;
}

int lwip_fcntl(int fd, int command, int value) {
    struct slot *slot = model_slot_of(fd);
    if (slot == NULL) {
        return -1;
    }
    if (command == LWIP_F_GETFL) {
        return O_RDWR_OF_LWIP | (slot->non_blocking ? LWIP_O_NONBLOCK : 0);
    }
    slot->non_blocking = value & LWIP_O_NONBLOCK;
    return 0;
}

// select()

static bool readable(const struct slot *slot) {
    if (slot->datagrams) {
        return slot->count > 0;
    }
    return (slot->connected || slot->connecting || slot->listening) && model_host_ready(slot, POLLIN);
}

static bool writable(const struct slot *slot) {
    return slot->datagrams || ((slot->connected || slot->connecting) && model_host_ready(slot, POLLOUT));
}

static bool failed(const struct slot *slot) {
    struct pollfd polled = {.fd = slot->host, .events = 0};
    return !slot->datagrams && (slot->connected || slot->connecting) && poll(&polled, 1, 0) > 0
           && (polled.revents & POLLERR);
}

static int collect(int count, const fd_set *wanted, fd_set *ready, bool (*is)(const struct slot *)) {
    int found = 0;
    for (int fd = FIRST_FD; wanted && fd < count && fd < FIRST_FD + SOCKETS; fd++) {
        if (FD_ISSET(fd, wanted) && model_slots[fd - FIRST_FD].used && is(&model_slots[fd - FIRST_FD])) {
            FD_SET(fd, ready);
            found++;
        }
    }
    return found;
}

int lwip_select(int count, fd_set *read_set, fd_set *write_set, fd_set *error_set, struct timeval *timeout) {
    int64_t end = timeout ? model_now() + timeout->tv_sec * 1000000LL + timeout->tv_usec : -1;
    fd_set ready[3];
    int found;
    for (;;) {
        memset(ready, 0, sizeof(ready));
        found = collect(count, read_set, &ready[0], readable) + collect(count, write_set, &ready[1], writable)
            + collect(count, error_set, &ready[2], failed);
        if (found || (end >= 0 && model_now() >= end)) {
            break;
        }
        model_core_blocks();
        model_sockets_wait(end);
        model_core_runs();
    }
    fd_set *sets[3] = {read_set, write_set, error_set};
    for (int i = 0; i < 3; i++) {
        if (sets[i]) {
            *sets[i] = ready[i];
        }
    }
    return found;
}

// Names and addresses

struct answer {
    struct lwip_addrinfo info;
    struct lwip_sockaddr_storage address;
    char name[256];
};

void *lwip_memp_malloc(int pool) {
    (void)pool;
    return calloc(1, sizeof(struct answer));
}

void lwip_freeaddrinfo(struct lwip_addrinfo *found) {
    free(found);
}

int lwip_getaddrinfo(const char *host, const char *port, const struct lwip_addrinfo *hints,
    struct lwip_addrinfo **found) {
    struct addrinfo wanted = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *answers = NULL;
    char *rest;
    unsigned long number = strtoul(port, &rest, 10);
    if (strlen(host) >= sizeof(((struct answer *)0)->name) || *rest || number > 65535) {
        return LWIP_EAI_NONAME;
    }
    model_core_blocks();
    int result = getaddrinfo(host, NULL, &wanted, &answers);
    model_core_runs();
    if (result != 0 || answers == NULL || hints->ai_family == LWIP_AF_INET6) {
        if (result == 0) {
            freeaddrinfo(answers);
        }
        return LWIP_EAI_FAIL;
    }
    struct answer *answer = lwip_memp_malloc(MEMP_NETDB);
    struct lwip_sockaddr_in *address = (struct lwip_sockaddr_in *)&answer->address;
    address->sin_len = sizeof(*address);
    address->sin_family = LWIP_AF_INET;
    address->sin_port = htons(number);
    address->sin_addr.s_addr = ((struct sockaddr_in *)answers->ai_addr)->sin_addr.s_addr;
    freeaddrinfo(answers);
    strcpy(answer->name, host);
    answer->info = (struct lwip_addrinfo) {
        .ai_family = LWIP_AF_INET, .ai_socktype = hints->ai_socktype, .ai_protocol = hints->ai_protocol,
        .ai_addrlen = sizeof(answer->address), .ai_addr = (struct lwip_sockaddr *)&answer->address,
        .ai_canonname = answer->name,
    };
    *found = &answer->info;
    return 0;
}

char *ip4addr_ntoa_r(const ip4_addr_t *address, char *text, int size) {
    struct in_addr host = {.s_addr = address->addr};
    return (char *)inet_ntop(AF_INET, &host, text, size);
}

int ipaddr_aton(const char *text, ip_addr_t *address) {
    struct in_addr host;
    int good = inet_pton(AF_INET, text, &host) == 1;
    if (good) {
        address->addr = host.s_addr;
    }
    return good;
}

err_t igmp_joingroup(const ip4_addr_t *interface, const ip4_addr_t *group) {
    (void)interface;
    return (ntohl(group->addr) >> 28) == 14 ? ERR_OK : -6; // ERR_VAL
}

static ip_addr_t servers[2];

const ip_addr_t *dns_getserver(uint8_t number) {
    return &servers[number & 1];
}

void dns_setserver(uint8_t number, const ip_addr_t *server) {
    servers[number & 1] = *server;
}
