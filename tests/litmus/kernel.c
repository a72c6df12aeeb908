/* SPDX-License-Identifier: Apache-2.0 */
/* The least kernel there is: every entry point is a call into the other object, which holds the programs. */
#include <hld/runtime.h>

enum { PROGRAM, PROGRAM_NMI, PROGRAM_INTERRUPT };

static void run(void) {
    hld_initcall(PROGRAM)();
    for (;;)
        hld_halt();
}

void start_kernel(void) { run(); }

void hld_start_secondary(void) {
    hld_load_idt();
    run();
}

void hld_interrupt(hld_u32 vector, hld_u64 ip, hld_u64 flags) {
    (void)vector;
    (void)ip;
    (void)flags;
    hld_initcall(PROGRAM_INTERRUPT)();
}

void hld_nmi(hld_u64 ip, hld_u64 flags) {
    (void)ip;
    (void)flags;
    hld_initcall(PROGRAM_NMI)();
}
