// lwIP's sockets over the host's: ten of them; six datagrams wait for each, none larger than one packet, for
// IDF's lwIP puts no fragments together. Errors have newlib's numbers.
#define _GNU_SOURCE
#define MODEL_HOST_SOCKETS
#define MODEL_HOST_ERRNO
#include "lwip/sockets.h"
#include "network.h"
#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "esp_heap_caps.h"

#define LARGEST 1472    // a packet of 1500 bytes without the headers of IP and UDP
#define MOST_BYTES 65536
#define UDP_BYTES 420   // of a socket with its PCB and mailbox: estimates
#define TCP_BYTES 780
#define SEND_BUFFER 5760 // CONFIG_LWIP_TCP_SND_BUF_DEFAULT

bool model_loopback = true;

struct slot model_slots[SOCKETS];
#define slots model_slots

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_t thread;
static int wake = -1;
static int failing, failures;

static const struct {
    int host, newlib;
} errors[] = {
    {EAGAIN, 11}, {ENOMEM, 12}, {EACCES, 13}, {EINVAL, 22}, {ENFILE, 23}, {EPIPE, 32}, {ECONNRESET, 104},
    {ENOBUFS, 105}, {EAFNOSUPPORT, 106}, {ENOTSOCK, 108}, {ENOPROTOOPT, 109}, {ECONNREFUSED, 111},
    {EADDRINUSE, 112}, {ECONNABORTED, 113}, {ENETUNREACH, 118}, {ETIMEDOUT, 116}, {EHOSTUNREACH, 118},
    {EINPROGRESS, 119}, {EALREADY, 120}, {EDESTADDRREQ, 22}, {EMSGSIZE, 122}, {EADDRNOTAVAIL, 22},
    {EISCONN, 127}, {ENOTCONN, 128}, {EOPNOTSUPP, 95}, {EBADF, 9}, {EPERM, 1},
};

static int newlib(int host) {
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (errors[i].host == host) {
            return errors[i].newlib;
        }
    }
    return 5; // EIO
}

int model_socket_fails(int host) {
    errno = newlib(host);
    return -1;
}

void model_fail_sends(int error, int count) {
    failing = error;
    failures = count;
}

int model_sockets_used(void) {
    int used = 0;
    for (int i = 0; i < SOCKETS; i++) {
        used += slots[i].used;
    }
    return used;
}

struct slot *model_slot_of(int fd) {
    struct slot *slot = fd >= FIRST_FD && fd < FIRST_FD + SOCKETS ? &slots[fd - FIRST_FD] : NULL;
    if (slot == NULL || !slot->used) {
        errno = 9;
        return NULL;
    }
    return slot;
}

static struct sockaddr_in host_address(const struct lwip_sockaddr *name) {
    const struct lwip_sockaddr_in *from = (const struct lwip_sockaddr_in *)name;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = from->sin_port};
    address.sin_addr.s_addr = from->sin_addr.s_addr;
    return address;
}

static void chip_address(const struct sockaddr_in *from, struct lwip_sockaddr *name, lwip_socklen_t *length) {
    if (name && length) {
        struct lwip_sockaddr_in to = {.sin_len = sizeof(to), .sin_family = LWIP_AF_INET, .sin_port = from->sin_port};
        to.sin_addr.s_addr = from->sin_addr.s_addr;
        memcpy(name, &to, *length < sizeof(to) ? *length : sizeof(to));
        *length = sizeof(to);
    }
}

// Without an interface that is up nothing goes out, but to the chip itself.
static bool reachable(const struct sockaddr_in *to) {
    bool inside = (ntohl(to->sin_addr.s_addr) >> 24) == 127 && model_loopback;
    model_net_lock();
    bool up = inside || model_netif_any_up();
    model_net_unlock();
    if (!up) {
        model_counters.unroutable++;
    }
    return up;
}

// The task that receives datagrams

static void stir(void) {
    uint64_t one = 1;
    if (write(wake, &one, sizeof(one)) < 0) {
        model_panic("the host's event file is full");
    }
}

static void receive(struct slot *slot, int host) {
    static unsigned char data[MOST_BYTES];
    struct sockaddr_in from = {0};
    socklen_t size = sizeof(from);
    ssize_t length = recvfrom(host, data, sizeof(data), MSG_DONTWAIT, (struct sockaddr *)&from, &size);
    if (length < 0) {
        return; // a port that is not there is nothing that lwIP tells
    }
    model_net_lock();
    bool up = model_loopback || model_netif_any_up();
    model_net_unlock();
    pthread_mutex_lock(&lock);
    if (!slot->used || slot->host != host) {
        // closed meanwhile
    } else if (!up) {
        model_counters.unroutable++;
    } else if (length > LARGEST) {
        model_counters.fragments++;
    } else if (slot->count == MAILBOX) {
        model_counters.mailbox_drops++;
    } else {
        struct datagram *datagram = heap_caps_malloc(sizeof(*datagram) + length, MALLOC_CAP_DEFAULT);
        if (datagram) {
            datagram->from = from;
            datagram->length = length;
            memcpy(datagram->data, data, length);
            slot->mailbox[(slot->first + slot->count++) % MAILBOX] = datagram;
        } else {
            model_counters.mailbox_drops++;
        }
    }
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void *receive_all(void *argument) {
    (void)argument;
    while (!model_ending()) {
        struct pollfd polled[SOCKETS + 1] = {{.fd = wake, .events = POLLIN}};
        pthread_mutex_lock(&lock);
        for (int i = 0; i < SOCKETS; i++) {
            bool watched = slots[i].used && slots[i].datagrams;
            polled[i + 1] = (struct pollfd) {.fd = watched ? slots[i].host : -1, .events = POLLIN};
        }
        pthread_mutex_unlock(&lock);
        poll(polled, SOCKETS + 1, -1);
        uint64_t count;
        if (polled[0].revents && read(wake, &count, sizeof(count)) < 0) {
            model_panic("the host's event file is gone");
        }
        for (int i = 0; i < SOCKETS; i++) {
            if (polled[i + 1].revents & (POLLIN | POLLERR)) {
                receive(&slots[i], polled[i + 1].fd);
            }
        }
    }
    return NULL;
}

static void stop(void) {
    if (wake >= 0) {
        stir();
        pthread_join(thread, NULL);
    }
}

__attribute__((constructor(103))) static void start_lwip(void) {
    model_cond_init(&changed);
    model_at_end(stop);
}

// Making and closing

static int take_slot(int host, bool datagrams) {
    for (int i = 0; i < SOCKETS; i++) {
        if (!slots[i].used) {
            void *memory = heap_caps_malloc(datagrams ? UDP_BYTES : TCP_BYTES, MALLOC_CAP_DEFAULT);
            if (memory == NULL) {
                return model_socket_fails(ENOBUFS);
            }
            slots[i] = (struct slot) {.used = true, .datagrams = datagrams, .host = host, .memory = memory};
            if (!datagrams) {
                int bytes = SEND_BUFFER;
                setsockopt(host, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
            }
            if (wake < 0) {
                wake = eventfd(0, EFD_CLOEXEC);
                thread = model_start_thread(receive_all, NULL);
            }
            return i + FIRST_FD;
        }
    }
    return model_socket_fails(ENFILE);
}

static int new_host_socket(bool datagrams) {
    return socket(AF_INET, (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int lwip_socket(int domain, int type, int protocol) {
    (void)protocol;
    if (type != LWIP_SOCK_STREAM && type != LWIP_SOCK_DGRAM) {
        return model_socket_fails(ENOBUFS);
    }
    if (domain != LWIP_AF_INET) {
        return model_socket_fails(EAFNOSUPPORT); // lwIP has IPv6; what the port's Python can do with it is not modelled
    }
    bool datagrams = type == LWIP_SOCK_DGRAM;
    pthread_mutex_lock(&lock);
    int host = new_host_socket(datagrams);
    int fd = host < 0 ? model_socket_fails(ENFILE) : take_slot(host, datagrams);
    if (fd < 0 && host >= 0) {
        int error = errno;
        close(host);
        errno = error;
    }
    pthread_mutex_unlock(&lock);
    if (fd >= 0) {
        stir();
    }
    return fd;
}

int lwip_close(int fd) {
    struct slot *slot = model_slot_of(fd);
    if (slot == NULL) {
        return -1;
    }
    pthread_mutex_lock(&lock);
    close(slot->host);
    while (slot->count) {
        heap_caps_free(slot->mailbox[slot->first]);
        slot->first = (slot->first + 1) % MAILBOX;
        slot->count--;
    }
    heap_caps_free(slot->memory);
    slot->used = false;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    stir();
    return 0;
}

// Addresses

int lwip_bind(int fd, const struct lwip_sockaddr *name, lwip_socklen_t length) {
    (void)length;
    struct slot *slot = model_slot_of(fd);
    if (slot == NULL) {
        return -1;
    }
    struct sockaddr_in address = host_address(name);
    // A UDP socket may be bound again, to the same address or to another.
    if (slot->bound && slot->datagrams && memcmp(&address, &slot->local, sizeof(address)) == 0) {
        return 0;
    }
    if (slot->bound && slot->datagrams) {
        int host = new_host_socket(true);
        pthread_mutex_lock(&lock);
        dup2(host, slot->host);
        close(host);
        pthread_mutex_unlock(&lock);
    }
    if (bind(slot->host, (struct sockaddr *)&address, sizeof(address)) != 0) {
        return model_socket_fails(errno);
    }
    slot->bound = true;
    slot->local = address;
    return 0;
}

int lwip_listen(int fd, int backlog) {
    struct slot *slot = model_slot_of(fd);
    if (slot == NULL) {
        return -1;
    }
    if (slot->datagrams) {
        return model_socket_fails(EOPNOTSUPP);
    }
    if (listen(slot->host, backlog) != 0) {
        return model_socket_fails(errno);
    }
    slot->listening = true;
    return 0;
}

int lwip_connect(int fd, const struct lwip_sockaddr *name, lwip_socklen_t length) {
    (void)length;
    struct slot *slot = model_slot_of(fd);
    if (slot == NULL) {
        return -1;
    }
    struct sockaddr_in address = host_address(name);
    if (!slot->datagrams && !reachable(&address)) {
        return model_socket_fails(EHOSTUNREACH);
    }
    if (connect(slot->host, (struct sockaddr *)&address, sizeof(address)) != 0) {
        slot->connecting = errno == EINPROGRESS;
        return model_socket_fails(errno);
    }
    slot->connected = true;
    return 0;
}

// Waiting. The port has let go of the interpreter's lock; the core is free for other tasks.

bool model_host_ready(const struct slot *slot, short events) {
    struct pollfd polled = {.fd = slot->host, .events = events};
    return poll(&polled, 1, 0) > 0;
}

// Whether anything changed, or some time has passed.
void model_sockets_wait(int64_t end) {
    int64_t next = model_now() + 2000; // a stream of the host's is looked at every two milliseconds; a datagram wakes
    pthread_mutex_lock(&lock);
    model_wait(&changed, &lock, end >= 0 && end < next ? end : next);
    pthread_mutex_unlock(&lock);
}

static bool wait_for(struct slot *slot, short events, int64_t us) {
    int64_t end = us ? model_now() + us : -1;
    bool ready = false;
    model_core_blocks();
    while (slot->used && !(ready = slot->datagrams && events == POLLIN ? slot->count > 0 : model_host_ready(slot, events))) {
        if (end >= 0 && model_now() >= end) {
            break;
        }
        model_sockets_wait(end);
    }
    model_core_runs();
    return ready;
}

int lwip_accept(int fd, struct lwip_sockaddr *name, lwip_socklen_t *length) {
    struct slot *slot = model_slot_of(fd);
    if (slot == NULL) {
        return -1;
    }
    if (!slot->listening) {
        return model_socket_fails(EINVAL);
    }
    if (!slot->non_blocking) {
        wait_for(slot, POLLIN, slot->receive_us);
    }
    struct sockaddr_in from;
    socklen_t size = sizeof(from);
    int host = accept4(slot->host, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (host < 0) {
        return model_socket_fails(errno);
    }
    pthread_mutex_lock(&lock);
    int accepted = take_slot(host, false);
    if (accepted < 0) {
        close(host);
        errno = 23;
    } else {
        slots[accepted - FIRST_FD].connected = true;
        chip_address(&from, name, length);
    }
    pthread_mutex_unlock(&lock);
    return accepted;
}

// Data

static int receive_datagram(struct slot *slot, void *data, size_t size, int flags, struct lwip_sockaddr *from,
    lwip_socklen_t *length) {
    pthread_mutex_lock(&lock);
    if (slot->count == 0) {
        pthread_mutex_unlock(&lock);
        return model_socket_fails(EAGAIN);
    }
    struct datagram *datagram = slot->mailbox[slot->first];
    size_t copied = datagram->length < size ? datagram->length : size;
    memcpy(data, datagram->data, copied);
    chip_address(&datagram->from, from, length);
    if (!(flags & LWIP_MSG_PEEK)) {
        slot->first = (slot->first + 1) % MAILBOX;
        slot->count--;
        heap_caps_free(datagram);
    }
    pthread_mutex_unlock(&lock);
    return copied;
}

int lwip_recvfrom(int fd, void *data, size_t size, int flags, struct lwip_sockaddr *from, lwip_socklen_t *length) {
    struct slot *slot = model_slot_of(fd);
    if (slot == NULL) {
        return -1;
    }
    if (!slot->non_blocking && !(flags & LWIP_MSG_DONTWAIT)) {
        wait_for(slot, POLLIN, slot->receive_us);
    }
    if (slot->datagrams) {
        return receive_datagram(slot, data, size, flags, from, length);
    }
    ssize_t received = recv(slot->host, data, size, MSG_DONTWAIT | (flags & LWIP_MSG_PEEK ? MSG_PEEK : 0));
    return received < 0 ? model_socket_fails(errno) : received;
}

static bool fails_now(void) {
    if (failures > 0) {
        failures--;
        errno = failing;
        return true;
    }
    return false;
}

int lwip_sendto(int fd, const void *data, size_t size, int flags, const struct lwip_sockaddr *to,
    lwip_socklen_t length) {
    (void)flags;
    (void)length;
    struct slot *slot = model_slot_of(fd);
    if (slot == NULL || fails_now()) {
        return -1;
    }
    struct sockaddr_in address;
    socklen_t known = sizeof(address);
    if (to) {
        address = host_address(to);
    } else if (getpeername(slot->host, (struct sockaddr *)&address, &known) != 0) {
        return model_socket_fails(slot->datagrams ? EDESTADDRREQ : slot->connecting ? EINPROGRESS : ENOTCONN);
    }
    if (slot->datagrams && !reachable(&address)) {
        return model_socket_fails(EHOSTUNREACH);
    }
    if (!slot->non_blocking && !slot->datagrams) {
        wait_for(slot, POLLOUT, slot->send_us);
    }
    ssize_t sent = -1;
    // What ICMP says about an earlier datagram lwIP does not tell.
    for (int tries = 0; sent < 0 && tries < 2; tries++) {
        bool named = to && slot->datagrams;
        sent = sendto(slot->host, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, named ? (struct sockaddr *)&address : NULL,
            named ? sizeof(address) : 0);
        if (sent < 0 && !(slot->datagrams && errno == ECONNREFUSED)) {
            break;
        }
    }
    if (sent < 0 && slot->datagrams && errno == ECONNREFUSED) {
        return size;
    }
    return sent < 0 ? model_socket_fails(errno) : sent;
}

int lwip_write(int fd, const void *data, size_t size) {
    return lwip_sendto(fd, data, size, 0, NULL, 0);
}
