/* The machine under a program of bare.py: qemu-xtensa's Linux, and count_plugin.c. */

#include <stdint.h>

#include "port/system.h"

int main(void);

/* Executed so far; few of this function's own are among them. */
static __attribute__((noinline)) uint32_t instructions(void)
{
    uint32_t counts[2] = { 0, 0 };
    system_call(SYS_COUNT, 0, 0, 0);
    system_call(SYS_READ, COUNT_FILE, (long)counts, sizeof counts);
    system_call(SYS_RESUME, 0, 0, 0);
    return counts[1];
}

static void put(char octet)
{
    system_call(SYS_WRITE, 1, (long)&octet, 1);
}

static void finish(void)
{
    system_call(SYS_EXIT, 0, 0, 0);
}

void start_c(long *stack)
{
    (void)stack;
    system_call(SYS_EXIT, main(), 0, 0);
}
