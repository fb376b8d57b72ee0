// Linux on Xtensa, as qemu-xtensa gives it: the few calls that this port makes.
#ifndef SYSTEM_H
#define SYSTEM_H

enum { SYS_OPEN = 8, SYS_CLOSE = 9, SYS_READ = 12, SYS_WRITE = 13, SYS_EXIT = 118 };

// No calls of Linux, which refuses them: tools/xtensa/count_plugin.c listens, and answers in this file.
enum { SYS_COUNT = 0x7001, SYS_RESUME = 0x7002, COUNT_FILE = 100 };

// start.s
long system_call(long number, long a, long b, long c);

#endif
