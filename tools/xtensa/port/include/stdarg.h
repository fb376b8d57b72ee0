// Arguments of varying number, all in a row in memory. LLVM 22 gets the Xtensa way wrong: ../variadic.s.
#ifndef STDARG_H
#define STDARG_H

typedef const char *va_list;

static inline void *va_next(va_list *list, unsigned octets) {
    unsigned align = octets > 4 ? 8 : 4;
    const char *at = (const char *)(((unsigned)*list + align - 1) & -align);
    *list = at + octets;
    return (void *)at;
}

// Words only: C widens what is smaller.
#define va_arg(list, type) (*(type *)va_next(&(list), sizeof(type)))
#define va_start(list, last) ((list) = 0)
#define va_copy(to, from) ((to) = (from))
#define va_end(list) ((void)(list))

#pragma weak mp_printf
#pragma weak vstr_printf
#pragma weak mp_obj_new_exception_msg_varg
#pragma weak mp_raise_msg_varg

#endif
