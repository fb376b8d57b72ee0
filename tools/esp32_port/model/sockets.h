// A socket of lwIP's, for the model's files of them.
#pragma once
#include <netinet/in.h>

#include "model.h"

#define SOCKETS 10  // CONFIG_LWIP_MAX_SOCKETS
#define FIRST_FD 54 // FD_SETSIZE - SOCKETS
#define MAILBOX 6   // CONFIG_LWIP_UDP_RECVMBOX_SIZE

struct datagram {
    struct sockaddr_in from;
    size_t length;
    unsigned char data[];
};

struct slot {
    bool used, datagrams, non_blocking, bound, connected, listening, connecting;
    int host;
    int64_t receive_us, send_us; // 0: for ever
    struct sockaddr_in local;
    struct datagram *mailbox[MAILBOX];
    int first, count;
    void *memory;
};

extern struct slot model_slots[SOCKETS];

struct slot *model_slot_of(int fd);      // or NULL, with errno
int model_socket_fails(int host);        // -1, with newlib's number of the host's error in errno
bool model_host_ready(const struct slot *slot, short events);
void model_sockets_wait(int64_t end);
