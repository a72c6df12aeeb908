/* SPDX-License-Identifier: Apache-2.0 */
/* NMIs, HLT, and the order in which a CPU takes what is pending. */
#include "peer.h"

#define NMI (APIC_INT_ASSERT | APIC_DM_NMI)
#define SELF(vector) (APIC_DEST_SELF | APIC_INT_ASSERT | APIC_DM_FIXED | (vector))
#define FLAGS_IF (1ul << 9)

extern unsigned long entered_flags[MAX_CPUS]; /* the kernel's */

static void nmi_to_0(void) { send_ipi(NMI, hld_firmware()->apic_id[0]); }

static void nmi_to_self(void) { send_ipi(NMI, hld_firmware()->apic_id[hld_cpu()]); }

/* ---- the latch ---- */

static unsigned int go;

static void wait_and_send(void) {
    while (!READ_ONCE(go))
        cpu_relax();
    nmi_to_0();
}

/* A self-NMI and another CPU's, at the same time: the tester counts how often both ran a handler. */
void nmi_multiple(void) {
    const unsigned int rounds = peer_rounds ? peer_rounds : 200;
    unsigned int round;

    start_cpu(1);
    for (round = 0; round < rounds; round++) {
        nmis[0] = 0;
        WRITE_ONCE(go, 0);
        begin_on(1, wait_and_send);
        delay_us(2);
        WRITE_ONCE(go, 1);
        nmi_to_self();
        wait_for(1);
        delay_us(5);
        EXPECT(nmis[0] == 2);
    }
}

static unsigned int stops, seen_enabled, seen_disabled;

static void note_flags(void) {
    if (entered_flags[hld_cpu()] & FLAGS_IF)
        seen_enabled++;
    else
        seen_disabled++;
}

static void sti_loop(void) {
    while (!READ_ONCE(stops)) {
        hld_irq_enable();
        cpu_relax();
        hld_irq_disable();
    }
    hld_irq_enable();
}

/* Each NMI gets to a CPU that does nothing but STI, PAUSE, CLI: the shadow delays it, and loses none. */
void nmi_sti(void) {
    const unsigned int rounds = peer_rounds ? peer_rounds : 200;
    unsigned int round;

    start_cpu(1);
    nmi_handler = note_flags;
    begin_on(1, sti_loop);
    for (round = 1; round <= rounds; round++) {
        hld_delay_ns(100 + round % 97);
        send_ipi(NMI, hld_firmware()->apic_id[1]);
        EXPECT(wait_until(READ_ONCE(nmis[1]) == round));
    }
    WRITE_ONCE(stops, 1);
    hld_fence(HLD_MFENCE);
    wait_for(1);
    EXPECT(nmis[1] == rounds);
    EXPECT(seen_enabled + seen_disabled == rounds);
    EXPECT(seen_enabled != 0 && seen_disabled != 0);
}

static void send_ten(void) {
    unsigned int i;

    if (nmis[hld_cpu()] > 1)
        return;
    for (i = 0; i < 10; i++)
        nmi_to_self();
    delay_us(5); /* all of them have come */
}

void nmi_pending(void) {
    nmi_handler = send_ten;
    nmi_to_self();
    delay_us(100);
    EXPECT(nmis[0] == 2);
    nmi_handler = NULL;
    nmi_to_self();
    delay_us(10);
    EXPECT(nmis[0] == 3);
}

/* ---- IRET ---- */

static unsigned int depth, deepest;
static bool raises;

static void send_again(void) {
    depth++;
    deepest = depth > deepest ? depth : deepest;
    if (nmis[0] == 1) {
        nmi_to_self();
        delay_us(5); /* it is latched, and blocked */
        EXPECT(nmis[0] == 1);
        if (raises) {
            hld_outb(PEER_PORT_EXCEPTION, 0);
            delay_us(5); /* the exception's IRET has unblocked it */
            EXPECT(nmis[0] == 2);
        }
    }
    depth--;
}

void nmi_twice(void) {
    nmi_handler = send_again;
    nmi_to_self();
    delay_us(100);
    EXPECT(nmis[0] == 2);
    EXPECT(deepest == 1); /* one after the other */

    forget_events();
    raises = true;
    nmi_to_self();
    delay_us(100);
    EXPECT(nmis[0] == 2);
    EXPECT(deepest == 2); /* one inside the other */
}

/* ---- HLT ---- */

static void later_nmi_to_0(void) {
    delay_us(50);
    nmi_to_0();
}

void nmi_hlt(void) {
    const u64 delay = hld_firmware()->tsc_khz * 50 / 1000;
    u64 begin;

    start_cpu(1);
    hld_irq_disable();
    begin = hld_rdtsc();
    begin_on(1, later_nmi_to_0);
    hld_halt();
    EXPECT(nmis[0] == 1);
    EXPECT(hld_rdtsc() - begin >= delay);
    EXPECT(hld_rdtsc() - begin < 2 * delay);
    EXPECT(!hld_irqs_enabled());
    wait_for(1);
}

static bool sends;

static void send_once(void) {
    if (!sends)
        return;
    sends = false;
    nmi_to_self();
    delay_us(5);
}

/* When the next one gets in: at once, after the IRET of the one before, in HLT. */
void nmi_window(void) {
    hld_irq_disable();
    nmi_to_self();
    EXPECT(wait_until(READ_ONCE(nmis[0]) == 1));
    EXPECT(!(entered_flags[0] & FLAGS_IF)); /* it does not ask for IF */

    nmi_handler = send_once;
    sends = true;
    nmi_to_self();
    EXPECT(wait_until(READ_ONCE(nmis[0]) == 3)); /* the second one, and its own behind the IRET */
    EXPECT(!sends);
    nmi_handler = NULL;

    start_cpu(1);
    begin_on(1, later_nmi_to_0);
    hld_halt();
    EXPECT(nmis[0] == 4);
    wait_for(1);
}

/* ---- priority ---- */

static unsigned int order[4], ordered;

static void note_order(void) {
    order[ordered++ & 3] = 0;
    count_interrupt();
    order[(ordered - 1) & 3] = last_vector[0];
}

void interrupts_by_priority(void) {
    handler_of[0x40] = handler_of[0x51] = handler_of[0x52] = note_order;
    /* TPR: the class of what is blocked, and all below it. */
    lapic_write(APIC_TASKPRI, 0x50);
    send_ipi(SELF(0x51), 0);
    delay_us(5);
    EXPECT(interrupts[0] == 0);
    EXPECT(apic_bit(APIC_IRR, 0x51));
    lapic_write(APIC_TASKPRI, 0x40);
    EXPECT(wait_until(READ_ONCE(interrupts[0]) == 1));
    EXPECT(!apic_bit(APIC_IRR, 0x51));
    lapic_write(APIC_TASKPRI, 0);
    /* Three that wait: the highest first. */
    ordered = 0;
    hld_irq_disable();
    send_ipi(SELF(0x40), 0);
    send_ipi(SELF(0x52), 0);
    send_ipi(SELF(0x51), 0);
    delay_us(5);
    hld_irq_enable();
    EXPECT(wait_until(READ_ONCE(interrupts[0]) == 4));
    EXPECT(order[0] == 0x52);
    EXPECT(order[1] == 0x51);
    EXPECT(order[2] == 0x40);
}
