/* A machine to count instructions on, without a library or an operating system, so that nothing else is counted.
 *
 * Three functions are spoken of:
 *
 *     uint32_t instructions(void)    executed so far
 *     void put(char)                 to the console
 *     void finish(void)              ends the emulation
 *
 * Here they are QEMU's RISC-V `virt` board; with -DMACHINE='"file.h"' those of that file.
 */

#include <stdint.h>

#ifdef MACHINE
#include MACHINE
#else

__asm__(".pushsection .start, \"ax\"\n"
        ".option push\n"
        ".option norelax\n"
        "la gp, __global_pointer$\n"
        ".option pop\n"
        "la sp, stack + 16384\n"
        "j main\n"
        ".popsection\n");
uint8_t stack[16384] __attribute__((aligned(16)));

static uint32_t instructions(void)
{
    uint32_t count;
    __asm__ volatile("csrr %0, minstret" : "=r"(count));
    return count;
}

static void put(char octet)
{
    *(volatile uint8_t *)0x10000000 = (uint8_t)octet;
}

static void finish(void)
{
    *(volatile uint32_t *)0x100000 = 0x5555;
}

#endif

static void print(const char *text)
{
    while (*text) {
        put(*text++);
    }
}

static void print_number(uint32_t number)
{
    char digits[11];
    char *at = digits + sizeof digits - 1;
    *at = 0;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    print(at);
}
