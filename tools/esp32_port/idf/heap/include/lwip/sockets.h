// lwIP's sockets. Their structures have names of their own here, because the model below also sees the host's;
// the port's files see them under the usual names.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/select.h>
#include <sys/time.h>

typedef uint32_t lwip_socklen_t;
typedef uint16_t u16_t;
typedef int8_t err_t;
#define ERR_OK 0

struct lwip_in_addr {
    uint32_t s_addr;
};
struct lwip_sockaddr {
    uint8_t sa_len, sa_family;
    char sa_data[14];
};
struct lwip_sockaddr_in {
    uint8_t sin_len, sin_family;
    uint16_t sin_port;
    struct lwip_in_addr sin_addr;
    char sin_zero[8];
};
struct lwip_sockaddr_storage {
    uint8_t ss_len, ss_family;
    char data[26];
};
struct lwip_addrinfo {
    int ai_flags, ai_family, ai_socktype, ai_protocol;
    lwip_socklen_t ai_addrlen;
    struct lwip_sockaddr *ai_addr;
    char *ai_canonname;
    struct lwip_addrinfo *ai_next;
};

#define LWIP_AF_INET 2
#define LWIP_AF_INET6 10
#define LWIP_SOCK_STREAM 1
#define LWIP_SOCK_DGRAM 2
#define LWIP_SOCK_RAW 3
#define LWIP_SOL_SOCKET 0xfff
#define LWIP_SO_REUSEADDR 0x0004
#define LWIP_SO_BROADCAST 0x0020
#define LWIP_SO_SNDTIMEO 0x1005
#define LWIP_SO_RCVTIMEO 0x1006
#define LWIP_SO_ERROR 0x1007
#define LWIP_SO_BINDTODEVICE 0x100b
#define LWIP_TCP_NODELAY 0x01
#define LWIP_IP_ADD_MEMBERSHIP 3
#define LWIP_MSG_PEEK 0x01
#define LWIP_MSG_DONTWAIT 0x08
#define LWIP_F_GETFL 3
#define LWIP_F_SETFL 4
#define LWIP_O_NONBLOCK 0x4000 // as newlib numbers it

int lwip_socket(int domain, int type, int protocol);
int lwip_close(int fd);
int lwip_bind(int fd, const struct lwip_sockaddr *name, lwip_socklen_t length);
int lwip_listen(int fd, int backlog);
int lwip_accept(int fd, struct lwip_sockaddr *name, lwip_socklen_t *length);
int lwip_connect(int fd, const struct lwip_sockaddr *name, lwip_socklen_t length);
int lwip_recvfrom(int fd, void *data, size_t size, int flags, struct lwip_sockaddr *from, lwip_socklen_t *length);
int lwip_sendto(int fd, const void *data, size_t size, int flags, const struct lwip_sockaddr *to,
    lwip_socklen_t length);
int lwip_write(int fd, const void *data, size_t size);
int lwip_setsockopt(int fd, int level, int option, const void *value, lwip_socklen_t length);
int lwip_getsockopt(int fd, int level, int option, void *value, lwip_socklen_t *length);
int lwip_fcntl(int fd, int command, int value);
int lwip_select(int count, fd_set *readable, fd_set *writable, fd_set *failed, struct timeval *timeout);
uint16_t lwip_htons(uint16_t value);
uint16_t lwip_ntohs(uint16_t value);

#ifndef MODEL_HOST_SOCKETS
#define socklen_t lwip_socklen_t
#define in_addr lwip_in_addr
#define sockaddr lwip_sockaddr
#define sockaddr_in lwip_sockaddr_in
#define sockaddr_storage lwip_sockaddr_storage
#define addrinfo lwip_addrinfo
#define select lwip_select
#define getsockopt lwip_getsockopt
#define fcntl(fd, command, ...) lwip_fcntl_of(fd, command, ##__VA_ARGS__, 0)
#define lwip_fcntl_of(fd, command, value, ...) lwip_fcntl(fd, command, value)
#define ntohs lwip_ntohs
#define AF_INET LWIP_AF_INET
#define AF_INET6 LWIP_AF_INET6
#define SOCK_STREAM LWIP_SOCK_STREAM
#define SOCK_DGRAM LWIP_SOCK_DGRAM
#define SOCK_RAW LWIP_SOCK_RAW
#define IPPROTO_IP 0
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define SOL_SOCKET LWIP_SOL_SOCKET
#define SO_REUSEADDR LWIP_SO_REUSEADDR
#define SO_BROADCAST LWIP_SO_BROADCAST
#define SO_SNDTIMEO LWIP_SO_SNDTIMEO
#define SO_RCVTIMEO LWIP_SO_RCVTIMEO
#define SO_ERROR LWIP_SO_ERROR
#define SO_BINDTODEVICE LWIP_SO_BINDTODEVICE
#define TCP_NODELAY LWIP_TCP_NODELAY
#define IP_ADD_MEMBERSHIP LWIP_IP_ADD_MEMBERSHIP
#define MSG_PEEK LWIP_MSG_PEEK
#define MSG_DONTWAIT LWIP_MSG_DONTWAIT
#define F_GETFL LWIP_F_GETFL
#define F_SETFL LWIP_F_SETFL
#define O_NONBLOCK LWIP_O_NONBLOCK
#define NETIF_NAMESIZE 6
#endif
