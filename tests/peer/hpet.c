/* SPDX-License-Identifier: Apache-2.0 */
/* The HPET's counter, read by several CPUs while another one halts and enables it. */
#include "peer.h"

#define GEN_CONF 0x010
#define MAIN_CNT 0x0f0

static unsigned int stop, backwards, reads[MAX_CPUS];
static u64 least_cost = ~0ul, most_cost;

static volatile void* hpet(u32 offset) { return hld_ioremap(hld_firmware()->hpet_address + offset, 8); }

static u64 count(void) { return hld_mmio_read(hpet(MAIN_CNT), 8); }

static void read_on(void) {
    const unsigned int cpu = hld_cpu();
    u64 last = count(), now;

    while (!READ_ONCE(stop)) {
        now = count();
        if (now < last)
            __atomic_fetch_add(&backwards, 1, __ATOMIC_SEQ_CST);
        last = now;
        reads[cpu]++;
    }
}

void hpet_never_backwards(void) {
    unsigned int round;

    start_cpu(1);
    start_cpu(2);
    hld_mmio_write(hpet(GEN_CONF), 4, 1);
    begin_on(1, read_on);
    begin_on(2, read_on);
    for (round = 0; round < 100; round++) {
        delay_us(1 + round % 7);
        hld_mmio_write(hpet(GEN_CONF), 4, round & 1);
    }
    WRITE_ONCE(stop, 1);
    wait_for(1);
    wait_for(2);
    EXPECT(backwards == 0);
    EXPECT(reads[1] > 50);
    EXPECT(reads[2] > 50);
}

/* What a read costs, from the TSC: a CPU alone pays the way there and back, each time. */
void hpet_read_latency(void) {
    unsigned int round;
    u64 begin, cost;

    hld_mmio_write(hpet(GEN_CONF), 4, 1);
    for (round = 0; round < 100; round++) {
        begin = hld_rdtsc();
        count();
        cost = hld_rdtsc() - begin;
        least_cost = cost < least_cost ? cost : least_cost;
        most_cost = cost > most_cost ? cost : most_cost;
    }
    EXPECT(least_cost >= hld_firmware()->tsc_khz * 500 / 1000000); /* 500 to 2000 ns */
    EXPECT(most_cost <= hld_firmware()->tsc_khz * 2000 / 1000000);
    EXPECT(most_cost - least_cost <= 10); /* edges of the clocks */
}
