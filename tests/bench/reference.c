/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference episode. The boot CPU starts the others by INIT-SIPI-SIPI; the HPET's NMI rotates over the monitored
 * CPUs, each handler writing the next one's address into the timer's route register; CPU 1 leaves mask and machine and
 * comes back; the run ends with the seventh NMI. No kernel is below it, so that what is measured is the engine.
 */
#include <asm/apicdef.h>
#include <asm/msr-index.h>
#include <asm/processor.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/compiler.h>

#define MOST_CPUS 1024u
#define NMIS 7u

#define TRAMPOLINE_PAGE 0x99u
#define COMMAND_VECTOR 0x30u
#define SPURIOUS_VECTOR 0xffu
#define PERIOD_TICKS 600ul

#define LAPIC 0xfee00000ul
#define HPET 0xfed00000ul
#define HPET_CONF 0x010u
#define HPET_T0_CONF 0x100u
#define HPET_T0_COMP 0x108u
#define HPET_T0_ROUTE 0x110u

enum { IDLE, GO_DOWN, IS_DOWN };

static unsigned long monitored[BITS_TO_LONGS(MOST_CPUS)], online[BITS_TO_LONGS(MOST_CPUS)];
static unsigned int target;  /* CPU that the route register names, or will name soon */
static unsigned int command; /* to CPU 1 */
static unsigned long next_tsc;
static atomic_t up, started, done, stray;
static struct { unsigned int handled, beats, beats_seen; } stats[MOST_CPUS];

/* ---- devices */

static void page_write(unsigned int reg, unsigned int value) { hld_mmio_write(hld_ioremap(LAPIC + reg, 4), 4, value); }

static void apic_write(unsigned int reg, unsigned int value) {
    if (hld_firmware()->x2apic)
        hld_wrmsr(APIC_BASE_MSR + (reg >> 4), value);
    else
        page_write(reg, value);
}

static void send_ipi(unsigned int cpu, unsigned int icr) {
    if (hld_firmware()->x2apic) {
        hld_wrmsr(APIC_BASE_MSR + (APIC_ICR >> 4), (unsigned long)cpu << 32 | icr);
        return;
    }
    page_write(APIC_ICR2, SET_XAPIC_DEST_FIELD(cpu));
    page_write(APIC_ICR, icr);
}

static void wake(unsigned int cpu) {
    send_ipi(cpu, APIC_INT_ASSERT | APIC_DM_INIT);
    send_ipi(cpu, APIC_DM_STARTUP | TRAMPOLINE_PAGE);
    hld_charge(HLD_ROW_INIT_SIPI, 1);
    send_ipi(cpu, APIC_DM_STARTUP | TRAMPOLINE_PAGE);
}

static void hpet_write(unsigned int offset, unsigned int size, unsigned long value) {
    hld_mmio_write(hld_ioremap(HPET + offset, 8), size, value);
}

static unsigned int message_address(unsigned int cpu) { return 0xfee00000u | (cpu & 0xffu) << 12; }

static void start_rotation(void) {
    hpet_write(HPET_T0_ROUTE, 8, (unsigned long)message_address(0) << 32 | 0x400); /* NMI */
    hpet_write(HPET_T0_CONF, 8, 0x404c);                                           /* FSB, VAL_SET, periodic, enabled */
    hpet_write(HPET_T0_COMP, 8, PERIOD_TICKS);
    hpet_write(HPET_T0_COMP, 8, PERIOD_TICKS);
    hpet_write(HPET_CONF, 8, 1);
}

/* ---- the detector */

static unsigned int next_monitored(unsigned int cpu) {
    unsigned int words = BITS_TO_LONGS(hld_firmware()->cpus), word = BIT_WORD(cpu);
    unsigned long above = READ_ONCE(monitored[word]) & ~((2ul << cpu % BITS_PER_LONG) - 1);

    for (unsigned int i = 1; !above && i <= words; i++) {
        word = (BIT_WORD(cpu) + i) % words;
        above = READ_ONCE(monitored[word]);
    }
    return above ? word * BITS_PER_LONG + (unsigned int)__builtin_ctzl(above) : cpu;
}

static void move_to(unsigned int cpu) {
    WRITE_ONCE(target, cpu);
    hpet_write(HPET_T0_ROUTE + 4, 4, message_address(cpu));
}

static int handle_nmi(void) {
    unsigned int cpu = hld_cpu();

    if (!test_bit(cpu, online)) { /* as the kernel's entry: an offline CPU drops it, and the rotation ends here */
        atomic_inc(&stray);
        return 0;
    }
    atomic_inc(&started);
    stats[cpu].handled++;
    if (stats[cpu].beats == stats[cpu].beats_seen)
        stats[cpu].beats_seen = stats[cpu].beats + 1;
    next_tsc = hld_rdtsc() + PERIOD_TICKS * 125;
    move_to(next_monitored(cpu));
    atomic_inc(&done);
    return 0;
}

static void go_offline(unsigned int cpu) {
    clear_bit(cpu, monitored);
    if (READ_ONCE(target) == cpu)
        move_to(next_monitored(cpu));
    clear_bit(cpu, online);
    WRITE_ONCE(command, IS_DOWN);
    hld_irq_disable();
    for (;;)
        hld_halt();
}

/* ---- the machine's CPUs */

static void come_up(unsigned int cpu) {
    apic_write(APIC_SPIV, APIC_SPIV_APIC_ENABLED | SPURIOUS_VECTOR);
    set_bit(cpu, online);
    set_bit(cpu, monitored);
    atomic_inc(&up);
}

static void secondary(unsigned int cpu) {
    come_up(cpu);
    for (;;) {
        hld_sti_halt();
        if (cpu == 1 && READ_ONCE(command) == GO_DOWN)
            go_offline(cpu);
    }
}

static void wait_until_up(unsigned int lives) {
    while ((unsigned int)atomic_read(&up) != lives)
        cpu_relax();
}

static int program(void) {
    unsigned int cpus = hld_firmware()->cpus;

    if (hld_cpu())
        secondary(hld_cpu());
    come_up(0);
    for (unsigned int cpu = 1; cpu < cpus; cpu++)
        wake(cpu);
    wait_until_up(cpus);
    start_rotation();

    hld_delay_ns(60000);
    WRITE_ONCE(command, GO_DOWN);
    send_ipi(1, COMMAND_VECTOR);
    while (READ_ONCE(command) != IS_DOWN)
        cpu_relax();
    hld_delay_ns(60000);
    wake(1);
    wait_until_up(cpus + 1);

    while ((unsigned int)atomic_read(&done) != NMIS)
        cpu_relax();
    hld_end(HLD_END_RESET, atomic_read(&stray) ? "an NMI that nobody handled" : "done");
}

static int end_of_interrupt(void) {
    apic_write(APIC_EOI, 0);
    return 0;
}

/* Where nobody restores memory as it was loaded. */
static int forget(void) {
    unsigned int cpus = hld_firmware()->cpus;

    for (unsigned int word = 0; word < BITS_TO_LONGS(cpus); word++)
        monitored[word] = online[word] = 0;
    for (unsigned int cpu = 0; cpu < cpus; cpu++)
        stats[cpu].handled = stats[cpu].beats = stats[cpu].beats_seen = 0;
    target = command = 0;
    next_tsc = 0;
    atomic_set(&up, 0);
    atomic_set(&started, 0);
    atomic_set(&done, 0);
    atomic_set(&stray, 0);
    return 0;
}

static const hld_initcall_t entries[] __used __section(HLD_INITCALL_SECTION) = {program, handle_nmi, end_of_interrupt,
                                                                                forget};
