/* A plugin of qemu-xtensa that counts executed instructions and tells the program that runs there.
 *
 * The program makes a system call that Linux does not know, COUNT(low, high), and then reads two 32-bit numbers
 * from file COUNT_FILE: the instructions executed so far between the addresses low and high, and all of them.
 * What it executes from that call on until it calls RESUME is not counted. What the emulator does without
 * instructions, as saving register windows, is not counted either.
 *
 * QEMU's header is in no package of Debian, so what is used of it is declared here (docs/devel/tcg-plugins).
 * PLUGIN_VERSION is the version of that interface which the QEMU at hand wants; these functions are in all.
 */

#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#define COUNT 0x7001
#define RESUME 0x7002
#define COUNT_FILE 100

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin;
struct block;
struct instruction;

void qemu_plugin_register_vcpu_tb_trans_cb(plugin, void (*)(plugin, struct block *));
size_t qemu_plugin_tb_n_insns(const struct block *);
struct instruction *qemu_plugin_tb_get_insn(const struct block *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct instruction *);
void qemu_plugin_register_vcpu_insn_exec_cb(struct instruction *, void (*)(unsigned, void *), int flags, void *);
void qemu_plugin_register_vcpu_syscall_cb(plugin, void (*)(plugin, unsigned, int64_t, uint64_t, uint64_t, uint64_t,
                                                           uint64_t, uint64_t, uint64_t, uint64_t, uint64_t));

EXPORT int qemu_plugin_version = PLUGIN_VERSION;

static int paused;
static uint32_t low, high, within, all;
static int pipe_in;

static void executed(unsigned cpu, void *address)
{
    uint32_t at = (uint32_t)(uintptr_t)address;
    (void)cpu;
    if (!paused) {
        all++;
        within += at >= low && at < high;
    }
}

static void translated(plugin id, struct block *block)
{
    (void)id;
    for (size_t index = 0; index < qemu_plugin_tb_n_insns(block); index++) {
        struct instruction *instruction = qemu_plugin_tb_get_insn(block, index);
        void *address = (void *)(uintptr_t)qemu_plugin_insn_vaddr(instruction);
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, 0, address);
    }
}

static void system_call(plugin id, unsigned cpu, int64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                        uint64_t e, uint64_t f, uint64_t g, uint64_t h)
{
    (void)id, (void)cpu, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    if (number == COUNT) {
        const uint32_t counts[2] = { within, all };
        paused = 1;
        low = (uint32_t)a;
        high = (uint32_t)b;
        if (write(pipe_in, counts, sizeof counts) != sizeof counts) {
            _exit(3);
        }
    } else if (number == RESUME) {
        paused = 0;
    }
}

EXPORT int qemu_plugin_install(plugin id, const void *info, int count, char **arguments)
{
    int ends[2];
    (void)info, (void)count, (void)arguments;
    if (pipe(ends) || dup2(ends[0], COUNT_FILE) < 0) {
        return 1;
    }
    pipe_in = ends[1];
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_syscall_cb(id, system_call);
    return 0;
}
