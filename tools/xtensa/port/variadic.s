# MicroPython's functions of variable arguments. LLVM 22 reads these from the wrong places, so what C defines
# is weak (include/stdarg.h) and replaced here: lay the arguments out in a row, call the function that takes them so.

    .text

# After eight words of its own, a frame holds a2-a7 and then ten words that the caller put onto its stack.
    .macro  variadic name, target, fixed
    .literal_position
    .literal .\name, \target
    .p2align 2
    .global \name
    .type   \name, @function
\name:
    entry   a1, 112
    s32i    a2, a1, 16
    s32i    a3, a1, 20
    s32i    a4, a1, 24
    s32i    a5, a1, 28
    s32i    a6, a1, 32
    s32i    a7, a1, 36
    l32i    a8, a1, 112
    s32i    a8, a1, 40
    l32i    a8, a1, 116
    s32i    a8, a1, 44
    l32i    a8, a1, 120
    s32i    a8, a1, 48
    l32i    a8, a1, 124
    s32i    a8, a1, 52
    l32i    a8, a1, 128
    s32i    a8, a1, 56
    l32i    a8, a1, 132
    s32i    a8, a1, 60
    l32i    a8, a1, 136
    s32i    a8, a1, 64
    l32i    a8, a1, 140
    s32i    a8, a1, 68
    l32i    a8, a1, 144
    s32i    a8, a1, 72
    l32i    a8, a1, 148
    s32i    a8, a1, 76
    or      a10, a2, a2
    or      a11, a3, a3
    addi    a12, a1, 16 + 4 * \fixed
    l32r    a8, .\name
    callx8  a8
    or      a2, a10, a10
    retw
    .endm

    variadic mp_printf, mp_vprintf, 2
    variadic vstr_printf, vstr_vprintf, 2
    variadic mp_obj_new_exception_msg_varg, mp_obj_new_exception_msg_vlist, 2
    variadic mp_raise_msg_varg, raise_msg_vlist, 2
