/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the checks have in common: the local APIC in either mode, IPIs, other
 * CPUs, and a device that moves pins. A check states what it expects by EXPECT();
 * the test outside wants to hear of no failure, and of one that held at least.
 */
#ifndef PEER_H
#define PEER_H

#include <asm/apicdef.h>
#include <asm/barrier.h>
#include <asm/msr-index.h>
#include <asm/processor.h>
#include <hld/runtime.h>
#include <linux/compiler.h>
#include <linux/io.h>
#include <linux/types.h>

#define PEER_STRING(x) #x
#define PEER_AT(line) PEER_STRING(line)
#define EXPECT(condition) peer_expect(condition, __FILE__ ":" PEER_AT(__LINE__) ": " #condition)

void peer_expect(int holds, const char* what);

/* ---- the local APIC of this CPU, in the mode that it is in ---- */

bool x2apic_mode(void);
u32 lapic_read(u32 reg);
void lapic_write(u32 reg, u32 value);
void lapic_enable(void);
void lapic_eoi(void);
void send_ipi(u32 icr, u32 destination);
bool apic_bit(u32 bank, unsigned int vector); /* of APIC_ISR, APIC_TMR or APIC_IRR */
u64 apic_base_read(void);
bool apic_base_write(u64 value); /* false: #GP */
#define APIC_BASE_MODE (MSR_IA32_APICBASE_ENABLE | X2APIC_ENABLE)

/* ---- events: a handler for each vector, on whatever CPU ---- */

#define MAX_CPUS 512
typedef void (*peer_handler)(void);
extern peer_handler handler_of[256]; /* 0: count, and end the interrupt */
extern peer_handler nmi_handler;     /* 0: count */
extern unsigned int interrupts[MAX_CPUS], nmis[MAX_CPUS];
extern unsigned int last_vector[MAX_CPUS];
void count_interrupt(void);
void forget_events(void);

/* ---- other CPUs ---- */

void start_cpu(unsigned int cpu);
void begin_on(unsigned int cpu, void (*work)(void)); /* returns at once */
void wait_for(unsigned int cpu);
void run_on(unsigned int cpu, void (*work)(void));

/* ---- time, and what is outside ---- */

void delay_us(u64 us);
#define wait_until(condition)                     \
    ({                                            \
        unsigned int __turns = 0;                 \
        while (!(condition) && __turns++ < 10000) \
            hld_delay_ns(100);                    \
        !!(condition);                            \
    })

/* The rig's own device, at ports of its own. */
#define PEER_PORT_PIN 0xe000       /* +n: pin n of the I/O APIC is driven to bit 0 */
#define PEER_PORT_EXCEPTION 0xe100 /* an exception on this CPU, at its next instruction */
static inline void drive_pin(unsigned int pin, unsigned int level) { hld_outb(PEER_PORT_PIN + pin, level); }

/* ---- programs ---- */

extern unsigned int peer_rounds; /* as the test wants it; 0: the check's own number */

#define PEER(name) void name(void);
#include "checks.def"
#undef PEER

#endif
