# Where the program begins, and the way into Linux.

    .text
    .literal_position
    .literal .main, start_c     # the linker knows no windowed calls, only addresses in literals

    .p2align 2
    .global _start
    .type _start, @function
_start:                         # a1: argc, argv ..., 0
    movi    a0, 0               # nobody to return to
    or      a6, a1, a1
    addi    a1, a1, -64
    l32r    a4, .main
    callx4  a4                  # callx8 would want a caller's stack to save a4-a7 in
    ill

    .p2align 2
    .global system_call
    .type system_call, @function
system_call:                    # (number, a, b, c) -> result
    entry   a1, 32
    or      a6, a3, a3          # Linux takes them in a6, a3, a4
    or      a3, a4, a4
    or      a4, a5, a5
    syscall
    retw
