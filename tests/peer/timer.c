/* SPDX-License-Identifier: Apache-2.0 */
/* The local APIC's timer. */
#include "peer.h"

#define TIMER_VECTOR 0xef

static u64 fired_at;

static void on_timer(void) {
    WRITE_ONCE(fired_at, hld_rdtsc());
    count_interrupt();
}

static u64 tsc_of_ticks(u64 ticks, u64 divider) {
    return ticks * divider * (hld_firmware()->tsc_khz * 1000) / hld_firmware()->crystal_hz;
}

void timer_one_shot(void) {
    const u32 ticks = 10000;
    u64 begin, least = tsc_of_ticks(ticks, 2);

    handler_of[TIMER_VECTOR] = on_timer;
    lapic_write(APIC_TDCR, APIC_TDR_DIV_2);
    lapic_write(APIC_LVTT, APIC_LVT_TIMER_ONESHOT | TIMER_VECTOR);
    begin = hld_rdtsc();
    lapic_write(APIC_TMICT, ticks);
    EXPECT(wait_until(READ_ONCE(interrupts[0]) == 1));
    EXPECT(last_vector[0] == TIMER_VECTOR);
    /* The count began at the write, which is behind `begin` and its first edge up to a tick later. */
    EXPECT(READ_ONCE(fired_at) - begin >= least - tsc_of_ticks(1, 2));
    EXPECT(READ_ONCE(fired_at) - begin < least + least / 100 + 3000);
    delay_us(3000);
    EXPECT(READ_ONCE(interrupts[0]) == 1);
}

void timer_change_mode(void) {
    const u32 count = 0x100000;
    u32 now;

    handler_of[TIMER_VECTOR] = on_timer;
    lapic_write(APIC_TDCR, APIC_TDR_DIV_1);
    /* One-shot: the initial count is kept, the current one runs down to 0 and stays there. */
    lapic_write(APIC_LVTT, APIC_LVT_TIMER_ONESHOT | TIMER_VECTOR);
    lapic_write(APIC_TMICT, count);
    EXPECT(lapic_read(APIC_TMICT) == count);
    delay_us(1000);
    now = lapic_read(APIC_TMCCT);
    EXPECT(now > 0 && now < count);
    delay_us(100000);
    EXPECT(lapic_read(APIC_TMCCT) == 0);
    EXPECT(lapic_read(APIC_TMICT) == count);
    EXPECT(interrupts[0] == 1);
    /* The change to periodic does not start it. */
    lapic_write(APIC_LVTT, APIC_LVT_TIMER_PERIODIC | TIMER_VECTOR);
    EXPECT(lapic_read(APIC_TMCCT) == 0);
    delay_us(1000);
    EXPECT(lapic_read(APIC_TMCCT) == 0);
    /* Periodic: it wraps. */
    lapic_write(APIC_TMICT, count);
    delay_us(60000);
    EXPECT(interrupts[0] == 2);
    now = lapic_read(APIC_TMCCT);
    EXPECT(now > 0 && now < count);
    /* A change of the mode leaves the running count alone. */
    lapic_write(APIC_LVTT, APIC_LVT_TIMER_ONESHOT | TIMER_VECTOR);
    EXPECT(lapic_read(APIC_TMCCT) <= now && lapic_read(APIC_TMCCT) > 0);
    EXPECT(lapic_read(APIC_TMICT) == count);
    delay_us(100000);
    EXPECT(lapic_read(APIC_TMCCT) == 0);
    EXPECT(interrupts[0] == 3);
    lapic_write(APIC_TMICT, 0);
    EXPECT(lapic_read(APIC_TMCCT) == 0);
}

static void arm_deadline(u64 tsc) { EXPECT(!hld_wrmsr(MSR_IA32_TSC_DEADLINE, tsc)); }

static u64 deadline(void) {
    hld_u64 value = ~0ul;

    EXPECT(!hld_rdmsr(MSR_IA32_TSC_DEADLINE, &value));
    return value;
}

static void select_deadline(void) {
    handler_of[TIMER_VECTOR] = on_timer;
    lapic_write(APIC_LVTT, APIC_LVT_TIMER_TSCDEADLINE | TIMER_VECTOR);
    hld_fence(HLD_MFENCE);
}

void tsc_deadline(void) {
    u64 now;

    select_deadline();
    /* Past: at once, once, and the MSR is 0 again. */
    arm_deadline(1);
    EXPECT(wait_until(READ_ONCE(interrupts[0]) == 1));
    EXPECT(deadline() == 0);
    delay_us(1000);
    EXPECT(interrupts[0] == 1);
    /* To come: not before it. */
    now = hld_rdtsc();
    arm_deadline(now + 300000);
    EXPECT(deadline() == now + 300000);
    EXPECT(wait_until(READ_ONCE(interrupts[0]) == 2));
    EXPECT(READ_ONCE(fired_at) >= now + 300000);
    EXPECT(deadline() == 0);
    /* Disarmed. */
    arm_deadline(hld_rdtsc() + 30000);
    arm_deadline(0);
    delay_us(1000);
    EXPECT(interrupts[0] == 2);
}

/* How late: not before it, and by the same few cycles each time, as nothing else goes on. */
void tsc_deadline_latency(void) {
    u64 least = ~0ul, most = 0, wanted, late;
    unsigned int round;

    select_deadline();
    for (round = 0; round < 200; round++) {
        wanted = hld_rdtsc() + 20000 + round * 37;
        arm_deadline(wanted);
        hld_sti_halt();
        EXPECT(interrupts[0] == round + 1);
        EXPECT(READ_ONCE(fired_at) >= wanted);
        late = READ_ONCE(fired_at) - wanted;
        if (round < 2) /* the first ones bring the cache lines */
            continue;
        least = late < least ? late : least;
        most = late > most ? late : most;
    }
    EXPECT(most < hld_firmware()->tsc_khz * 20 / 1000); /* 20 us */
    EXPECT(most - least < 200);
}
