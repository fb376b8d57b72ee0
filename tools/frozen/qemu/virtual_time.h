// Time that passes only while the program waits for it, and never by itself: every run is the same. What the
// program does meanwhile is counted in instructions: time.ticks_cpu().
#include "ports/qemu/mphalport.h"
#include "py/mpconfig.h"

extern mp_uint_t virtual_ms;

#define mp_hal_ticks_ms() (virtual_ms)
#define mp_hal_ticks_us() (virtual_ms * 1000)
#define mp_hal_delay_ms(ms) (virtual_ms += (ms))
#define mp_hal_delay_us(us) ((void)(us))
#define mp_hal_ticks_cpu() (instructions())

// select.poll waits without asking for events: nothing here happens by itself.
#define MICROPY_INTERNAL_WFE(timeout) (virtual_ms += ((mp_int_t)(timeout) < 0 ? 1 : (timeout)))

// Exact under `-icount shift=0`. 32 bits overflow after 43 s at 100 MHz: differences are what counts.
static inline mp_uint_t instructions(void) {
    mp_uint_t count;
    __asm volatile ("csrr %0, minstret" : "=r" (count));
    return count;
}
