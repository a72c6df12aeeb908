/* SPDX-License-Identifier: Apache-2.0 */
/* The least kernel there is, with interrupts: every entry point is a call into the object of the checks. */
#include <hld/runtime.h>

enum { PROGRAM, PROGRAM_SECONDARY, PROGRAM_INTERRUPT, PROGRAM_NMI };

unsigned int entered_vector[512]; /* by CPU: which interrupt PROGRAM_INTERRUPT is about */
unsigned long entered_flags[512]; /* by CPU: RFLAGS of what the last event interrupted */

static void run(unsigned int what) {
    hld_initcall(what)();
    for (;;)
        hld_sti_halt();
}

void start_kernel(void) { run(PROGRAM); }

void hld_start_secondary(void) {
    hld_load_idt();
    run(PROGRAM_SECONDARY);
}

void hld_interrupt(hld_u32 vector, hld_u64 ip, hld_u64 flags) {
    (void)ip;
    entered_vector[hld_cpu()] = vector;
    entered_flags[hld_cpu()] = flags;
    hld_initcall(PROGRAM_INTERRUPT)();
}

void hld_nmi(hld_u64 ip, hld_u64 flags) {
    (void)ip;
    entered_flags[hld_cpu()] = flags;
    hld_initcall(PROGRAM_NMI)();
}
