// The numbers of newlib, the C library of ESP-IDF, where they are not Linux's. What the port raises as OSError
// has them; the model translates (model/lwip.c).
#pragma once
#include <errno.h>

#ifndef MODEL_HOST_ERRNO
#undef EDEADLK
#undef ENOSYS
#undef ENOTEMPTY
#undef ENAMETOOLONG
#undef ELOOP
#undef EPROTO
#undef EOVERFLOW
#undef ECONNREFUSED
#undef EADDRINUSE
#undef ECONNABORTED
#undef ENETUNREACH
#undef ENETDOWN
#undef ETIMEDOUT
#undef EHOSTDOWN
#undef EHOSTUNREACH
#undef EINPROGRESS
#undef EALREADY
#undef EDESTADDRREQ
#undef EMSGSIZE
#undef EPROTONOSUPPORT
#undef EADDRNOTAVAIL
#undef EISCONN
#undef ENOTCONN
#undef ENOTSOCK
#undef EAFNOSUPPORT
#undef ENOPROTOOPT
#undef ENOBUFS
#define EDEADLK 45
#define EPROTO 71
#define ENOSYS 88
#define ENOTEMPTY 90
#define ENAMETOOLONG 91
#define ELOOP 92
#define ENOBUFS 105
#define EAFNOSUPPORT 106
#define ENOTSOCK 108
#define ENOPROTOOPT 109
#define ECONNREFUSED 111
#define EADDRINUSE 112
#define ECONNABORTED 113
#define ENETUNREACH 114
#define ENETDOWN 115
#define ETIMEDOUT 116
#define EHOSTDOWN 117
#define EHOSTUNREACH 118
#define EINPROGRESS 119
#define EALREADY 120
#define EDESTADDRREQ 121
#define EMSGSIZE 122
#define EPROTONOSUPPORT 123
#define EADDRNOTAVAIL 125
#define EISCONN 127
#define ENOTCONN 128
#define EOVERFLOW 139
#endif
