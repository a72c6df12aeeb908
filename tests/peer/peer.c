/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

extern unsigned int entered_vector[MAX_CPUS]; /* the kernel's */

peer_handler handler_of[256];
peer_handler nmi_handler;
unsigned int interrupts[MAX_CPUS], nmis[MAX_CPUS], last_vector[MAX_CPUS];

static unsigned int held; /* how many expectations did */
static void (*volatile work_of[MAX_CPUS])(void);
static unsigned int came_up[MAX_CPUS];

void peer_expect(int holds, const char* what) {
    if (holds)
        __atomic_fetch_add(&held, 1, __ATOMIC_SEQ_CST);
    else
        hld_note_print(3, what, (hld_u32)hld_strlen(what));
}

/* ---- the local APIC ---- */

static volatile void* page(u32 reg) { return hld_ioremap(hld_firmware()->lapic_address + reg, 4); }

u64 apic_base_read(void) {
    hld_u64 value = 0;

    hld_rdmsr(MSR_IA32_APICBASE, &value);
    return value;
}

bool apic_base_write(u64 value) { return !hld_wrmsr(MSR_IA32_APICBASE, value); }

bool x2apic_mode(void) { return apic_base_read() & X2APIC_ENABLE; }

u32 lapic_read(u32 reg) {
    hld_u64 value = 0;

    if (!x2apic_mode())
        return (u32)hld_mmio_read(page(reg), 4);
    EXPECT(!hld_rdmsr(APIC_BASE_MSR + (reg >> 4), &value));
    return (u32)value;
}

void lapic_write(u32 reg, u32 value) {
    if (!x2apic_mode())
        hld_mmio_write(page(reg), 4, value);
    else
        EXPECT(!hld_wrmsr(APIC_BASE_MSR + (reg >> 4), value));
}

void lapic_enable(void) { lapic_write(APIC_SPIV, APIC_SPIV_APIC_ENABLED | 0xff); }

void lapic_eoi(void) { lapic_write(APIC_EOI, 0); }

void send_ipi(u32 icr, u32 destination) {
    if (x2apic_mode()) {
        hld_fence(HLD_MFENCE);
        hld_fence(HLD_LFENCE);
        EXPECT(!hld_wrmsr(APIC_BASE_MSR + (APIC_ICR >> 4), (u64)destination << 32 | icr));
        return;
    }
    while (lapic_read(APIC_ICR) & APIC_ICR_BUSY)
        cpu_relax();
    lapic_write(APIC_ICR2, destination << 24);
    lapic_write(APIC_ICR, icr);
}

bool apic_bit(u32 bank, unsigned int vector) { return lapic_read(bank + vector / 32 * 16) >> (vector % 32) & 1; }

/* ---- events ---- */

void count_interrupt(void) {
    unsigned int cpu = hld_cpu();

    last_vector[cpu] = entered_vector[cpu];
    WRITE_ONCE(interrupts[cpu], interrupts[cpu] + 1);
    lapic_eoi();
}

static int program_interrupt(void) {
    peer_handler handler = handler_of[entered_vector[hld_cpu()] & 255];

    if (handler)
        handler();
    else
        count_interrupt();
    return 0;
}

static int program_nmi(void) {
    unsigned int cpu = hld_cpu();

    WRITE_ONCE(nmis[cpu], nmis[cpu] + 1);
    if (nmi_handler)
        nmi_handler();
    return 0;
}

void forget_events(void) {
    unsigned int cpu;

    for (cpu = 0; cpu < hld_firmware()->cpus; cpu++)
        interrupts[cpu] = nmis[cpu] = last_vector[cpu] = 0;
}

/* ---- other CPUs ---- */

static int __noreturn program_secondary(void) {
    unsigned int cpu = hld_cpu();

    lapic_enable();
    hld_irq_enable();
    WRITE_ONCE(came_up[cpu], 1);
    for (;;) {
        void (*work)(void) = work_of[cpu];

        if (!work) {
            cpu_relax();
            continue;
        }
        work();
        work_of[cpu] = NULL;
    }
}

void start_cpu(unsigned int cpu) {
    send_ipi(APIC_INT_ASSERT | APIC_DM_INIT, hld_firmware()->apic_id[cpu]);
    delay_us(10);
    send_ipi(APIC_DM_STARTUP | 0x99, hld_firmware()->apic_id[cpu]);
    EXPECT(wait_until(READ_ONCE(came_up[cpu])));
}

void begin_on(unsigned int cpu, void (*work)(void)) {
    work_of[cpu] = work;
    hld_fence(HLD_MFENCE);
}

void wait_for(unsigned int cpu) {
    while (work_of[cpu])
        cpu_relax();
}

void run_on(unsigned int cpu, void (*work)(void)) {
    begin_on(cpu, work);
    wait_for(cpu);
}

void delay_us(u64 us) { hld_delay_ns(us * 1000); }

/* What a failure looks like: the test of the rig wants to hear of it. */
void peer_fails(void) {
    EXPECT(hld_cpu() == 0);
    EXPECT(hld_cpu() == 1);
}

/* ---- dispatch ---- */

#define PEER(name) name,
static void (*const programs[])(void) = {
#include "checks.def"
};
#undef PEER

unsigned int peer_rounds;

static unsigned int number_in(const char* text) {
    unsigned int value = 0;

    while (*text >= '0' && *text <= '9')
        value = 10 * value + (unsigned int)(*text++ - '0');
    return value;
}

static int program(void) {
    struct hld_task task;

    if (!hld_task_take(&task))
        return 0;
    lapic_enable();
    hld_irq_enable();
    peer_rounds = number_in(task.value);
    programs[task.number]();
    hld_note_task(task.number, 0, READ_ONCE(held));
    hld_end(HLD_END_RESET, "done");
}

static const hld_initcall_t entries[] __used __section(HLD_INITCALL_SECTION) = {
    program,
    program_secondary,
    program_interrupt,
    program_nmi,
};
