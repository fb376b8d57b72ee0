// Included by MicroPython's extmod/modmachine.c.
#include "ports/qemu/modmachine.c"

mp_uint_t virtual_ms;
