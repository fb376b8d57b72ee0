// Runs one script: micropython [-p FOLDER[:FOLDER...]] SCRIPT [ARGUMENT...], everything by the host's file names.

#include <string.h>

#include "py/compile.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/objmodule.h"
#include "py/runtime.h"
#include "py/stackctrl.h"
#include "system.h"

#define HEAP_OCTETS (1024 * 1024)
#define STACK_OCTETS (256 * 1024)
#define EXEC_OCTETS (256 * 1024)

static char heap[HEAP_OCTETS] __attribute__((aligned(16)));
static char exec[EXEC_OCTETS] __attribute__((aligned(4096)));
static unsigned exec_used;
static char *stack_top;

char *window_spill(void);

int mp_hal_stdin_rx_chr(void) {
    return 0;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t octets) {
    return system_call(SYS_WRITE, 1, (long)text, octets);
}

void mp_hal_stdout_tx_strn_cooked(const char *text, size_t octets) {
    mp_hal_stdout_tx_strn(text, octets);
}

void exec_alloc(unsigned size, void **at, unsigned *got) {
    size = (size + 15) & ~15;
    if (size > EXEC_OCTETS - exec_used) {
        m_malloc_fail(size);
    }
    *at = exec + exec_used;
    *got = size;
    exec_used += size;
}

void gc_collect(void) {
    char *lowest = window_spill();
    gc_collect_start();
    gc_collect_root((void **)lowest, (stack_top - lowest) / sizeof(void *));
    gc_collect_end();
}

void nlr_jump_fail(void *value) {
    mp_hal_stdout_tx_strn("nobody to raise to\n", 19);
    system_call(SYS_EXIT, 2, 0, 0);
    __builtin_unreachable();
}

// -- module `counter`: instructions executed, where tools/xtensa/count_plugin.c counts them

// read() -> (those of native modules, all); RuntimeError where nobody counts.
static mp_obj_t counter_read(void) {
    uint32_t counts[2];
    system_call(SYS_COUNT, (long)exec, (long)(exec + EXEC_OCTETS), 0);
    long octets = system_call(SYS_READ, COUNT_FILE, (long)counts, sizeof(counts));
    if (octets != sizeof(counts)) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("nobody counts"));
    }
    mp_obj_t items[2] = { mp_obj_new_int_from_uint(counts[0]), mp_obj_new_int_from_uint(counts[1]) };
    mp_obj_t result = mp_obj_new_tuple(2, items);
    system_call(SYS_RESUME, 0, 0, 0);
    return result;
}
static MP_DEFINE_CONST_FUN_OBJ_0(counter_read_obj, counter_read);

static const mp_rom_map_elem_t counter_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_counter) },
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&counter_read_obj) },
};
static MP_DEFINE_CONST_DICT(counter_globals, counter_globals_table);

const mp_obj_module_t counter_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&counter_globals,
};
MP_REGISTER_MODULE(MP_QSTR_counter, counter_module);

// -- the script

static void set_search_path(const char *folders) {
    mp_obj_list_init(MP_OBJ_TO_PTR(mp_sys_path), 0);
    while (*folders) {
        const char *end = strchr(folders, ':');
        size_t length = end ? (size_t)(end - folders) : strlen(folders);
        mp_obj_list_append(mp_sys_path, mp_obj_new_str_via_qstr(folders, length));
        folders += length + (end != NULL);
    }
}

static void run_script(const char *path, int argc, char **argv) {
    for (int index = 0; index < argc; index++) {
        mp_obj_list_append(mp_sys_argv, mp_obj_new_str_via_qstr(argv[index], strlen(argv[index])));
    }
    mp_lexer_t *lexer = mp_lexer_new_from_file(qstr_from_str(path));
    qstr name = lexer->source_name;
    mp_parse_tree_t tree = mp_parse(lexer, MP_PARSE_FILE_INPUT);
    mp_call_function_0(mp_compile(&tree, name, false));
}

// What the script's end means for whoever started it.
static int status_of(mp_obj_base_t *exception) {
    if (!mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(exception->type), MP_OBJ_FROM_PTR(&mp_type_SystemExit))) {
        mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(exception));
        return 1;
    }
    mp_obj_t value = mp_obj_exception_get_value(MP_OBJ_FROM_PTR(exception));
    mp_int_t status;
    return value == mp_const_none ? 0 : mp_obj_get_int_maybe(value, &status) ? status : 1;
}

static int main(int argc, char **argv) {
    const char *folders = "";
    argc--, argv++;
    if (argc > 2 && strcmp(argv[0], "-p") == 0) {
        folders = argv[1];
        argc -= 2, argv += 2;
    }
    if (argc < 1) {
        mp_hal_stdout_tx_strn("usage: micropython [-p FOLDER[:FOLDER...]] SCRIPT [ARGUMENT...]\n", 64);
        return 2;
    }
    mp_stack_set_top(stack_top);
    mp_stack_set_limit(STACK_OCTETS);
    gc_init(heap, heap + HEAP_OCTETS);
    mp_init();
    int status = 0;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        set_search_path(folders);
        run_script(argv[0], argc, argv);
        nlr_pop();
    } else {
        status = status_of(nlr.ret_val);
    }
    mp_deinit();
    return status;
}

// From start.s, with what Linux left on the stack.
void start_c(long *stack) {
    stack_top = (char *)stack;
    system_call(SYS_EXIT, main(stack[0], (char **)(stack + 1)), 0, 0);
}
