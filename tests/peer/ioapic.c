/* SPDX-License-Identifier: Apache-2.0 */
/* The I/O APIC, its pins driven by the rig's device. */
#include "peer.h"

#define PIN_A 14u
#define PIN_B 15u
#define VECTOR_A 0x71u
#define VECTOR_B 0x72u
#define LEVEL (1u << 15)
#define REMOTE (1u << 14)
#define LOGICAL (1u << 11)
#define MASKED (1u << 16)

static volatile void* window(u32 offset) { return hld_ioremap(hld_firmware()->ioapic_address + offset, 4); }

static u32 ioapic_read(u32 index) {
    hld_mmio_write(window(0x00), 4, index);
    return (u32)hld_mmio_read(window(0x10), 4);
}

static void ioapic_write(u32 index, u32 value) {
    hld_mmio_write(window(0x00), 4, index);
    hld_mmio_write(window(0x10), 4, value);
    hld_mmio_read(window(0x00), 4); /* it has arrived */
}

static u32 entry(unsigned int pin) { return ioapic_read(0x10 + 2 * pin); }

static void set_entry(unsigned int pin, u32 low, u32 destination) {
    ioapic_write(0x11 + 2 * pin, destination << 24);
    ioapic_write(0x10 + 2 * pin, low);
}

static bool version_20(void) { return (ioapic_read(1) & 0xff) >= 0x20; }

/* Long enough for a message to come in and be handled. */
static void settle(void) { delay_us(10); }

void ioapic_registers(void) {
    const u32 id = ioapic_read(0), version = ioapic_read(1);
    const u32 arb = ioapic_read(2);

    EXPECT((version & 0xff) == 0x11 || (version & 0xff) == 0x20);
    ioapic_write(1, ~version);
    EXPECT(ioapic_read(1) == version);
    ioapic_write(0, ~0u);
    EXPECT((ioapic_read(0) & 0xf0ffffffu) == (id & 0xf0ffffffu)); /* the id's four bits alone */
    EXPECT((ioapic_read(0) & 0x0f000000u) == 0x0f000000u);
    if (!version_20())
        EXPECT((ioapic_read(2) & 0x0f000000u) == 0x0f000000u); /* ARB takes it over */
    ioapic_write(0, 0x05000000u);
    EXPECT(ioapic_read(0) == 0x05000000u);
    if (!version_20()) {
        EXPECT(ioapic_read(2) == 0x05000000u);
        ioapic_write(2, arb ^ 0x0f000000u);
        EXPECT(ioapic_read(2) == 0x05000000u);
    }
}

/* ---- triggers ---- */

void ioapic_edge(void) {
    set_entry(PIN_A, VECTOR_A, 0);
    drive_pin(PIN_A, 1);
    EXPECT(wait_until(READ_ONCE(interrupts[0]) == 1));
    EXPECT(last_vector[0] == VECTOR_A);
    settle();
    EXPECT(interrupts[0] == 1); /* it stays high */
    drive_pin(PIN_A, 0);
    settle();
    EXPECT(interrupts[0] == 1); /* the fall is nothing */
    drive_pin(PIN_A, 1);
    settle();
    EXPECT(interrupts[0] == 2);
}

static unsigned int pin_to_lower;

static void lower_and_end(void) {
    drive_pin(pin_to_lower, 0);
    count_interrupt();
}

void ioapic_level(void) {
    handler_of[VECTOR_A] = lower_and_end;
    pin_to_lower = PIN_A;
    set_entry(PIN_A, LEVEL | VECTOR_A, 0);
    drive_pin(PIN_A, 1);
    EXPECT(wait_until(READ_ONCE(interrupts[0]) == 1));
    settle();
    EXPECT(interrupts[0] == 1);
    EXPECT(!(entry(PIN_A) & REMOTE));
    drive_pin(PIN_A, 1);
    settle();
    EXPECT(interrupts[0] == 2);
}

static unsigned int first_vector;

static void note_first(void) {
    const bool first = interrupts[0] == 0;

    count_interrupt();
    if (first)
        first_vector = last_vector[0];
}

void ioapic_simultaneous(void) {
    handler_of[VECTOR_A] = handler_of[VECTOR_B] = note_first;
    set_entry(PIN_A, VECTOR_A, 0);
    set_entry(PIN_B, VECTOR_B, 0);
    hld_irq_disable();
    drive_pin(PIN_A, 1);
    drive_pin(PIN_B, 1);
    settle();
    EXPECT(interrupts[0] == 0);
    hld_irq_enable();
    EXPECT(wait_until(READ_ONCE(interrupts[0]) == 2));
    EXPECT(first_vector == VECTOR_B); /* the higher one */
    EXPECT(last_vector[0] == VECTOR_A);
}

/* ---- TMR ---- */

/*
 * On CPU `to`, by its own reads: an edge clears the vector's bit of TMR, a level
 * sets it, and programming the entry does neither.
 */
static unsigned int tmr_on;
static bool tmr_seen;

static void read_tmr(void) { tmr_seen = apic_bit(APIC_TMR, VECTOR_A); }

static bool tmr(void) {
    if (tmr_on == 0)
        read_tmr();
    else
        run_on(tmr_on, read_tmr);
    return READ_ONCE(tmr_seen);
}

static void tmr_by_trigger(unsigned int to) {
    tmr_on = to;
    pin_to_lower = PIN_A;
    handler_of[VECTOR_A] = lower_and_end;
    /* The entry alone changes nothing. */
    set_entry(PIN_A, LEVEL | VECTOR_A, to);
    EXPECT(!tmr());
    /* A level sets it. */
    drive_pin(PIN_A, 1);
    EXPECT(wait_until(READ_ONCE(interrupts[to]) == 1));
    settle();
    EXPECT(tmr());
    /* Back to edge: still what was accepted last. */
    set_entry(PIN_A, VECTOR_A, to);
    EXPECT(tmr());
    drive_pin(PIN_A, 1);
    EXPECT(wait_until(READ_ONCE(interrupts[to]) == 2));
    settle();
    EXPECT(!tmr());
    /* And an IPI of the vector is an edge as well. */
    set_entry(PIN_A, LEVEL | VECTOR_A, to);
    send_ipi(APIC_INT_ASSERT | APIC_DM_FIXED | VECTOR_A, hld_firmware()->apic_id[to]);
    EXPECT(wait_until(READ_ONCE(interrupts[to]) == 3));
    EXPECT(!tmr());
}

void ioapic_tmr(void) { tmr_by_trigger(0); }

void ioapic_tmr_elsewhere(void) {
    start_cpu(1);
    tmr_by_trigger(1);
    EXPECT(interrupts[0] == 0);
}

/* ---- levels ---- */

static void lower_both_and_end(void) {
    drive_pin(PIN_A, 0);
    drive_pin(PIN_B, 0);
    count_interrupt();
}

void ioapic_level_coalesce(void) {
    handler_of[VECTOR_A] = lower_both_and_end;
    set_entry(PIN_A, LEVEL | VECTOR_A, 0);
    set_entry(PIN_B, LEVEL | VECTOR_A, 0);
    hld_irq_disable();
    drive_pin(PIN_A, 1);
    drive_pin(PIN_B, 1);
    settle();
    EXPECT(apic_bit(APIC_IRR, VECTOR_A));
    hld_irq_enable();
    settle();
    EXPECT(interrupts[0] == 1); /* one IRR bit, one end for both */
    EXPECT(!(entry(PIN_A) & REMOTE));
    EXPECT(!(entry(PIN_B) & REMOTE));
}

void ioapic_level_sequential(void) {
    handler_of[VECTOR_A] = lower_both_and_end;
    set_entry(PIN_A, LEVEL | VECTOR_A, 0);
    set_entry(PIN_B, LEVEL | VECTOR_A, 0);
    drive_pin(PIN_A, 1);
    EXPECT(wait_until(READ_ONCE(interrupts[0]) == 1));
    settle();
    drive_pin(PIN_B, 1);
    EXPECT(wait_until(READ_ONCE(interrupts[0]) == 2));
    settle();
    EXPECT(interrupts[0] == 2);
}

static void lower_the_second_time(void) {
    if (interrupts[0] == 1)
        drive_pin(PIN_A, 0);
    count_interrupt();
}

void ioapic_level_retrigger(void) {
    handler_of[VECTOR_A] = lower_the_second_time;
    set_entry(PIN_A, LEVEL | VECTOR_A, 0);
    drive_pin(PIN_A, 1);
    settle();
    EXPECT(interrupts[0] == 2);
    EXPECT(!(entry(PIN_A) & REMOTE));
}

static void mask_and_end(void) {
    set_entry(PIN_A, MASKED | LEVEL | VECTOR_A, 0);
    count_interrupt();
}

void ioapic_level_retrigger_masked(void) {
    handler_of[VECTOR_A] = mask_and_end;
    set_entry(PIN_A, LEVEL | VECTOR_A, 0);
    drive_pin(PIN_A, 1);
    settle();
    EXPECT(interrupts[0] == 1);
    EXPECT(!(entry(PIN_A) & REMOTE));
    handler_of[VECTOR_A] = lower_and_end;
    pin_to_lower = PIN_A;
    set_entry(PIN_A, LEVEL | VECTOR_A, 0); /* the line is still there */
    settle();
    EXPECT(interrupts[0] == 2);
}

void ioapic_edge_mask(void) {
    set_entry(PIN_A, MASKED | VECTOR_A, 0);
    drive_pin(PIN_A, 1);
    settle();
    EXPECT(interrupts[0] == 0);
    set_entry(PIN_A, VECTOR_A, 0);
    settle();
    EXPECT(interrupts[0] == 0); /* lost */
    drive_pin(PIN_A, 0);
    drive_pin(PIN_A, 1);
    settle();
    EXPECT(interrupts[0] == 1);
}

void ioapic_level_mask(void) {
    handler_of[VECTOR_A] = lower_and_end;
    pin_to_lower = PIN_A;
    set_entry(PIN_A, MASKED | LEVEL | VECTOR_A, 0);
    drive_pin(PIN_A, 1);
    settle();
    EXPECT(interrupts[0] == 0);
    set_entry(PIN_A, LEVEL | VECTOR_A, 0);
    settle();
    EXPECT(interrupts[0] == 1); /* only delayed */
    set_entry(PIN_A, MASKED | LEVEL | VECTOR_A, 0);
    drive_pin(PIN_A, 1);
    drive_pin(PIN_A, 0);
    set_entry(PIN_A, LEVEL | VECTOR_A, 0);
    settle();
    EXPECT(interrupts[0] == 1); /* and gone with the line */
}

/* The handler gives its own entry another CPU, before the end of the interrupt. */
static void move_and_end(void) {
    const unsigned int other = 1 - hld_cpu();

    if (interrupts[0] + interrupts[1] == 3)
        drive_pin(PIN_A, 0);
    else
        set_entry(PIN_A, LEVEL | VECTOR_A, other);
    count_interrupt();
}

void ioapic_reconfigured(void) {
    start_cpu(1);
    handler_of[VECTOR_A] = move_and_end;
    set_entry(PIN_A, LEVEL | VECTOR_A, 0);
    drive_pin(PIN_A, 1);
    settle();
    delay_us(20);
    EXPECT(interrupts[0] == 2);
    EXPECT(interrupts[1] == 2);
    EXPECT(!(entry(PIN_A) & REMOTE));
}

/* ---- at the CPU ---- */

static bool inside, nested;

static void raise_the_other(void) {
    inside = true;
    drive_pin(PIN_B, 1);
    settle();
    EXPECT(apic_bit(APIC_IRR, 0x91)); /* it is there, of a higher class */
    inside = false;
    count_interrupt();
}

static void look_whether_inside(void) {
    nested = inside;
    count_interrupt();
}

void ioapic_nested(void) {
    handler_of[0x31] = raise_the_other;
    handler_of[0x91] = look_whether_inside;
    set_entry(PIN_A, 0x31, 0);
    set_entry(PIN_B, 0x91, 0);
    drive_pin(PIN_A, 1);
    settle();
    settle();
    EXPECT(interrupts[0] == 2);
    EXPECT(!nested);
}

static void set_ldr(void) { lapic_write(APIC_LDR, 1u << (24 + hld_cpu())); }

void ioapic_destinations(void) {
    start_cpu(1);
    start_cpu(2);
    set_ldr();
    run_on(1, set_ldr);
    run_on(2, set_ldr);
    set_entry(PIN_A, VECTOR_A, 1);
    drive_pin(PIN_A, 1);
    settle();
    EXPECT(interrupts[0] == 0 && interrupts[1] == 1 && interrupts[2] == 0);
    set_entry(PIN_B, LOGICAL | VECTOR_B, 1u << 1 | 1u << 2);
    drive_pin(PIN_B, 1);
    settle();
    EXPECT(interrupts[0] == 0 && interrupts[1] == 2 && interrupts[2] == 1);
}
