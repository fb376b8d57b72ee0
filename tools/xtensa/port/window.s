# Register windows: to memory, and back from there after a long jump. Everything is called by call8, as llc does.

    .text
    .literal_position
    .literal .spill, window_spill

# window_spill() -> the lowest address in use. Afterwards the registers of all callers lie on the stack.
    .p2align 2
    .global window_spill
    .type window_spill, @function
window_spill:
    entry   a1, 48
    movi    a14, 5              # 5 x 12 registers and these 8: round the file of 64
    call12  descend
    addi    a2, a1, -16
    retw

    .p2align 2
    .type descend, @function
descend:                        # each level takes twelve registers from whoever had them
    entry   a1, 48
    addi    a14, a2, -1
    beqz    a2, 1f
    call12  descend
1:  retw

# The jump buffer: our return address, our stack pointer, the caller's a0-a3, its a4-a7, and its caller's a0-a3.
# Below a stack pointer lie a0-a3 of who called its owner; at the upper end of a frame, 32 below the stack
# pointer of who called its owner, lie the owner's a4-a7. The last four words of the buffer are there because
# a call with arguments on the stack, or alloca, moves the caller's stack pointer over where they lay.

# Copy four words from (\from) to \at(a2).
    .macro  save4 at, from
    l32i    a3, \from, 0
    s32i    a3, a2, \at
    l32i    a3, \from, 4
    s32i    a3, a2, \at + 4
    l32i    a3, \from, 8
    s32i    a3, a2, \at + 8
    l32i    a3, \from, 12
    s32i    a3, a2, \at + 12
    .endm

    .macro  restore4 at, to
    l32i    a6, a2, \at
    s32i    a6, \to, 0
    l32i    a6, a2, \at + 4
    s32i    a6, \to, 4
    l32i    a6, a2, \at + 8
    s32i    a6, \to, 8
    l32i    a6, a2, \at + 12
    s32i    a6, \to, 12
    .endm

# setjmp(buffer) -> 0
    .p2align 2
    .global setjmp
    .type setjmp, @function
setjmp:
    entry   a1, 32
    l32r    a8, .spill
    callx8  a8
    s32i    a0, a2, 0
    s32i    a1, a2, 4
    addi    a4, a1, -16
    save4   8, a4
    l32i    a4, a2, 12          # the caller's stack pointer
    addi    a4, a4, -16
    save4   40, a4
    l32i    a4, a2, 44          # its caller's
    addi    a4, a4, -32
    save4   24, a4
    movi    a2, 0
    retw

# longjmp(buffer, value): no window but ours is live after the spill, so our retw fetches the caller's
# from the stack that we put in place.
    .p2align 2
    .global longjmp
    .type longjmp, @function
longjmp:
    entry   a1, 32
    l32r    a8, .spill
    callx8  a8
    l32i    a0, a2, 0
    l32i    a1, a2, 4
    addi    a4, a1, -16
    restore4 8, a4
    l32i    a4, a2, 12
    addi    a4, a4, -16
    restore4 40, a4
    l32i    a4, a2, 44
    addi    a4, a4, -32
    restore4 24, a4
    or      a2, a3, a3
    bnez    a2, 1f
    movi    a2, 1
1:  retw
