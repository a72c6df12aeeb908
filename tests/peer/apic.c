/* SPDX-License-Identifier: Apache-2.0 */
/* The local APIC: modes, ids and destinations. */
#include "peer.h"

#define IPI_VECTOR 0x61
#define FIXED (APIC_INT_ASSERT | APIC_DM_FIXED | IPI_VECTOR)

static u32 page_read(u32 reg) { return (u32)hld_mmio_read(hld_ioremap(hld_firmware()->lapic_address + reg, 4), 4); }

static unsigned int vector_taken;

/* How many interrupts each CPU has had since forget_events(), four bits a CPU, once all are in; CPU 0's last vector. */
static unsigned int taken(void) {
    unsigned int cpu, all = 0;

    delay_us(5);
    for (cpu = 0; cpu < hld_firmware()->cpus && cpu < 8; cpu++)
        all |= READ_ONCE(interrupts[cpu]) << (4 * cpu);
    vector_taken = READ_ONCE(last_vector[0]);
    forget_events();
    return all;
}

void apic_existence(void) {
    u32 version = lapic_read(APIC_LVR) & 0xff;

    EXPECT(version >= 0x10 && version <= 0x15);
}

/* ---- modes ---- */

static void send_nmi_to_0(void) { send_ipi(APIC_INT_ASSERT | APIC_DM_NMI, hld_firmware()->apic_id[0]); }

void apic_disable(void) {
    u64 base = apic_base_read();

    start_cpu(1);
    lapic_write(APIC_TASKPRI, 0x50);
    EXPECT(apic_base_write(base & ~(u64)APIC_BASE_MODE));
    EXPECT(!(apic_base_read() & MSR_IA32_APICBASE_ENABLE));
    EXPECT(page_read(APIC_ID) == ~0u);
    EXPECT(page_read(APIC_LVR) == ~0u);
    EXPECT(page_read(APIC_TASKPRI) == ~0u);
    /* Nothing is accepted. */
    run_on(1, send_nmi_to_0);
    delay_us(10);
    EXPECT(READ_ONCE(nmis[0]) == 0);

    EXPECT(apic_base_write((base & ~(u64)X2APIC_ENABLE) | MSR_IA32_APICBASE_ENABLE));
    EXPECT(lapic_read(APIC_TASKPRI) == 0x50); /* CR8 is the CPU's, and TPR is CR8 */
    EXPECT(lapic_read(APIC_SPIV) == 0xff);
    EXPECT((lapic_read(APIC_LVR) & 0xff) >= 0x10);
    lapic_enable();
    run_on(1, send_nmi_to_0);
    EXPECT(wait_until(READ_ONCE(nmis[0]) == 1));
}

void x2apic_transitions(void) {
    const u64 bases = apic_base_read() & ~(u64)APIC_BASE_MODE;
    const u64 en = MSR_IA32_APICBASE_ENABLE, extd = X2APIC_ENABLE;

    EXPECT(!x2apic_mode());
    EXPECT(!apic_base_write(bases | extd)); /* enabled to invalid */
    EXPECT(apic_base_write(bases | en | extd));
    EXPECT(x2apic_mode());
    EXPECT(!apic_base_write(bases | en));   /* x2APIC to xAPIC */
    EXPECT(!apic_base_write(bases | extd)); /* x2APIC to invalid */
    EXPECT(x2apic_mode());
    EXPECT(apic_base_write(bases));              /* x2APIC to disabled */
    EXPECT(!apic_base_write(bases | extd));      /* disabled to invalid */
    EXPECT(!apic_base_write(bases | en | extd)); /* disabled to x2APIC */
    EXPECT((apic_base_read() & APIC_BASE_MODE) == 0);
    EXPECT(apic_base_write(bases | en));
    EXPECT((apic_base_read() & APIC_BASE_MODE) == en);
}

void x2apic_page_is_dead(void) {
    u32 reg;

    EXPECT(x2apic_mode());
    for (reg = 0; reg < 0x400; reg += 16)
        EXPECT(page_read(reg) == ~0u);
    hld_mmio_write(hld_ioremap(hld_firmware()->lapic_address + APIC_TASKPRI, 4), 4, 0x70);
    EXPECT(lapic_read(APIC_TASKPRI) == 0);
}

/* Writes an xAPIC id, wants to read `then`, and the hardware's id in x2APIC mode and behind a reset. */
static void write_id(u32 wanted, u32 then) {
    const u64 base = apic_base_read();
    const u32 id = hld_firmware()->apic_id[0];

    EXPECT(!x2apic_mode());
    EXPECT(lapic_read(APIC_ID) >> 24 == id);
    lapic_write(APIC_ID, wanted << 24);
    EXPECT(lapic_read(APIC_ID) >> 24 == then);
    EXPECT(apic_base_write(base | X2APIC_ENABLE));
    EXPECT(lapic_read(APIC_ID) == id);
    EXPECT(apic_base_write(base & ~(u64)APIC_BASE_MODE));
    EXPECT(apic_base_write(base));
    EXPECT(lapic_read(APIC_ID) >> 24 == id);
}

void apic_id(void) {
    const u32 id = hld_firmware()->apic_id[0];

    if (x2apic_mode()) {
        EXPECT(lapic_read(APIC_ID) == id);
        EXPECT(hld_wrmsr(APIC_BASE_MSR + (APIC_ID >> 4), id + 1));
        EXPECT(lapic_read(APIC_ID) == id);
        return;
    }
    write_id((id + 1) & 0xff, id);
}

/* Where xAPIC ids can be written, the hardware's is back with x2APIC mode, and after a reset of the APIC. */
void apic_id_written(void) {
    const u32 id = hld_firmware()->apic_id[0];

    write_id((id + 1) & 0xff, id + 1);
}

#define OTHER_PAGE 0xfec40000ul

void apic_base(void) {
    const u64 base = apic_base_read();
    const u32 version = lapic_read(APIC_LVR);

    EXPECT(apic_base_write((base & 0xfff) | OTHER_PAGE));
    EXPECT((u32)hld_mmio_read(hld_ioremap(OTHER_PAGE + APIC_LVR, 4), 4) == version);
    hld_mmio_write(hld_ioremap(OTHER_PAGE + APIC_TASKPRI, 4), 4, 0x30);
    EXPECT((u32)hld_mmio_read(hld_ioremap(OTHER_PAGE + APIC_TASKPRI, 4), 4) == 0x30);
    EXPECT(page_read(APIC_LVR) != version); /* where it was */
    EXPECT(apic_base_write(base));
    EXPECT(lapic_read(APIC_TASKPRI) == 0x30);

    EXPECT(!apic_base_write(base | 1ul << 60)); /* beyond the physical address */
    EXPECT(!apic_base_write(base | 1));
    EXPECT(!apic_base_write(base | 1 << 9));
    EXPECT(apic_base_read() == base);
}

/* ---- IPIs ---- */

void self_ipi(void) {
    send_ipi(APIC_DEST_SELF | FIXED, 0);
    EXPECT(taken() == 0x1);
    EXPECT(vector_taken == IPI_VECTOR);
    /* With interrupts off it waits, once. */
    hld_irq_disable();
    send_ipi(APIC_DEST_SELF | FIXED, 0);
    send_ipi(APIC_DEST_SELF | FIXED, 0);
    EXPECT(taken() == 0);
    EXPECT(apic_bit(APIC_IRR, IPI_VECTOR));
    hld_irq_enable();
    EXPECT(taken() == 0x1);
}

void x2apic_self_ipi(void) {
    EXPECT(!hld_wrmsr(APIC_BASE_MSR + (APIC_SELF_IPI >> 4), IPI_VECTOR));
    EXPECT(taken() == 0x1);
    EXPECT(vector_taken == IPI_VECTOR);
    EXPECT(hld_wrmsr(APIC_BASE_MSR + (APIC_SELF_IPI >> 4), 0x100 | IPI_VECTOR));
    EXPECT(taken() == 0);
}

void physical_broadcast(void) {
    start_cpu(1);
    start_cpu(2);
    send_ipi(FIXED, x2apic_mode() ? ~0u : 0xff);
    EXPECT(taken() == 0x111);
    send_ipi(APIC_DEST_ALLINC | FIXED, 0);
    EXPECT(taken() == 0x111);
    send_ipi(APIC_DEST_ALLBUT | FIXED, 0);
    EXPECT(taken() == 0x110);
}

void ipi_to_each_cpu(void) {
    unsigned int cpu, cpus = hld_firmware()->cpus;

    for (cpu = 1; cpu < cpus; cpu++)
        start_cpu(cpu);
    for (cpu = 0; cpu < cpus; cpu++) {
        send_ipi(FIXED, hld_firmware()->apic_id[cpu]);
        EXPECT(taken() == 1u << (4 * cpu));
    }
}

static u32 own_ldr, own_dfr;

static void set_logical_id(void) {
    lapic_write(APIC_DFR, own_dfr);
    lapic_write(APIC_LDR, own_ldr << 24);
}

static void give_logical_id(unsigned int cpu, u32 dfr, u32 ldr) {
    own_dfr = dfr;
    own_ldr = ldr;
    hld_fence(HLD_MFENCE);
    run_on(cpu, set_logical_id);
}

void logical_flat(void) {
    unsigned int a, b;

    start_cpu(1);
    start_cpu(2);
    for (a = 0; a < 8; a++) {
        give_logical_id(1, (u32)APIC_DFR_FLAT, 1u << a);
        for (b = 0; b < 8; b++) {
            if (a == b)
                continue;
            give_logical_id(2, (u32)APIC_DFR_FLAT, 1u << b);
            send_ipi(APIC_DEST_LOGICAL | FIXED, 1u << a);
            EXPECT(taken() == 0x010);
            send_ipi(APIC_DEST_LOGICAL | FIXED, 1u << b);
            EXPECT(taken() == 0x100);
            send_ipi(APIC_DEST_LOGICAL | FIXED, 1u << a | 1u << b);
            EXPECT(taken() == 0x110);
            /* All bits but these: nobody has them. */
            send_ipi(APIC_DEST_LOGICAL | FIXED, 0xff & ~(1u << a | 1u << b));
            EXPECT(taken() == 0);
            send_ipi(APIC_DEST_LOGICAL | FIXED, 0xff & ~(1u << a));
            EXPECT(taken() == 0x100);
        }
    }
}

void logical_cluster(void) {
    unsigned int cluster, other, pair, a, b;

    start_cpu(1);
    start_cpu(2);
    for (cluster = 0; cluster < 15; cluster++) {
        other = (cluster + 1) % 15;
        for (pair = 0; pair < 16; pair++) {
            a = pair % 4;
            b = pair / 4;
            if (b == a)
                continue;
            give_logical_id(1, (u32)APIC_DFR_CLUSTER, cluster << 4 | 1u << a);
            give_logical_id(2, (u32)APIC_DFR_CLUSTER, cluster << 4 | 1u << b);
            send_ipi(APIC_DEST_LOGICAL | FIXED, cluster << 4 | 1u << a);
            EXPECT(taken() == 0x010);
            send_ipi(APIC_DEST_LOGICAL | FIXED, cluster << 4 | 1u << a | 1u << b);
            EXPECT(taken() == 0x110);
            /* Members that are not there, and another cluster. */
            send_ipi(APIC_DEST_LOGICAL | FIXED, cluster << 4 | (0xf & ~(1u << a)));
            EXPECT(taken() == 0x100);
            send_ipi(APIC_DEST_LOGICAL | FIXED, other << 4 | 0xf);
            EXPECT(taken() == 0);
        }
    }
}

void logical_x2apic(void) {
    unsigned int cpu, cpus = hld_firmware()->cpus;
    u32 mask = 0;

    for (cpu = 1; cpu < cpus; cpu++)
        start_cpu(cpu);
    EXPECT(lapic_read(APIC_LDR) == 1);
    for (cpu = 0; cpu < cpus; cpu++) {
        send_ipi(APIC_DEST_LOGICAL | FIXED, 1u << cpu);
        EXPECT(taken() == 1u << (4 * cpu));
        mask |= 1u << (4 * cpu);
    }
    send_ipi(APIC_DEST_LOGICAL | FIXED, (1u << cpus) - 1);
    EXPECT(taken() == mask);
    send_ipi(APIC_DEST_LOGICAL | FIXED, 1u << cpus); /* absent */
    EXPECT(taken() == 0);
    send_ipi(APIC_DEST_LOGICAL | FIXED, 1u << 16 | 0xffff); /* another cluster */
    EXPECT(taken() == 0);
}

/* ---- two APICs with one xAPIC id ---- */

static void to_xapic(void) {
    const u64 base = apic_base_read();

    EXPECT(apic_base_write(base & ~(u64)APIC_BASE_MODE));
    EXPECT(apic_base_write((base & ~(u64)X2APIC_ENABLE) | MSR_IA32_APICBASE_ENABLE));
    lapic_enable();
}

static u32 aliased;

static void send_to_aliased(void) { send_ipi(FIXED, aliased); }

static void send_nmi_to_aliased(void) { send_ipi(APIC_INT_ASSERT | APIC_DM_NMI, aliased); }

/* CPUs n and 256 + n have an xAPIC id in common: their x2APIC ids are their numbers. CPU 1 sends. */
void aliased_ids(void) {
    const unsigned int last = hld_firmware()->cpus - 1;
    unsigned int cpu, id;

    EXPECT(last > 256);
    for (cpu = 1; cpu <= 3; cpu++)
        start_cpu(cpu);
    for (cpu = 256; cpu <= last; cpu++)
        start_cpu(cpu);
    to_xapic();
    for (cpu = 2; cpu <= 3; cpu++)
        run_on(cpu, to_xapic);
    for (cpu = 256; cpu <= last; cpu++)
        run_on(cpu, to_xapic);
    forget_events();
    for (id = 0; id < 256; id++) {
        const bool here = id == 0 || id == 2 || id == 3;

        if (id == 1) /* it sends, and is an x2APIC */
            continue;
        WRITE_ONCE(aliased, id);
        hld_fence(HLD_MFENCE);
        run_on(1, send_to_aliased);
        run_on(1, send_nmi_to_aliased);
        delay_us(5);
        for (cpu = 0; cpu < 4; cpu++)
            EXPECT(interrupts[cpu] == (cpu == id && here) && nmis[cpu] == (cpu == id && here));
        for (cpu = 256; cpu <= last; cpu++)
            EXPECT(interrupts[cpu] == (cpu == id + 256) && nmis[cpu] == (cpu == id + 256));
        forget_events();
    }
}
