// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The performance counters' NMI, when somebody samples all CPUs from boot on: a
 * fixed counter of each CPU that is up, and the handler that knows by the status
 * MSR whose NMI it was. On the command line "hld.perf" samples instructions,
 * "hld.perf=N" each N core cycles in which the CPU does not sleep.
 *
 * Linux registers its handler at every boot, and it returns at once while nobody
 * samples. This one is registered only if somebody does.
 */
#include "kernel.h"
#include <linux/nmi.h>
#include <asm/msr.h>

/* The same bit in the three global registers. */
#define FIXED_CTR_OVERFLOW(n) (1ULL << (32 + (n)))
#define FIXED_CTR_KERNEL(n)   (0x1ULL << 4 * (n)) /* count in ring 0 */
#define FIXED_CTR_PMI(n)      (0x8ULL << 4 * (n))
#define FIXED_CTR_VALUE_MASK  ((1ULL << 48) - 1)

enum { INSTRUCTIONS, CORE_CYCLES };

static unsigned int sample_counter;
static u64 sample_period; /* 0: nobody samples */
static DEFINE_PER_CPU(bool, perf_counts);

/* "hld.perf" or "hld.perf=N" of the command line, the simulator's words. */
bool perf_parse(const char *word, size_t n)
{
	char number[20] = "";
	u64 period;

	if (word_is(word, n, "hld.perf")) {
		sample_period = 1000000;
		return true;
	}
	if (n < 10 || n - 9 >= sizeof(number) || strncmp(word, "hld.perf=", 9))
		return false;
	strncpy(number, word + 9, n - 9);
	if (kstrtou64(number, 10, &period) || !period || period > FIXED_CTR_VALUE_MASK)
		return false;
	sample_counter = CORE_CYCLES;
	sample_period = period;
	return true;
}

/* Always as an NMI: with interrupts off there would be no samples. */
void perf_events_lapic_init(void)
{
	if (sample_period)
		apic_unmask_counters();
}

static void perf_reload(void)
{
	wrmsrl(MSR_CORE_PERF_FIXED_CTR0 + sample_counter, -sample_period & FIXED_CTR_VALUE_MASK);
}

/*
 * In the order of Linux on processors since Haswell: nothing counts while the
 * status is looked at, and the entry, which delivery has masked (SDM vol 3,
 * 10.5.1), is unmasked last, whoever's NMI this was. A counter that is being
 * switched off on this CPU stays off.
 */
static int perf_event_nmi_handler(unsigned int type, struct pt_regs *regs)
{
	bool counts = __this_cpu_read(perf_counts);
	int handled = NMI_DONE;
	u64 status;

	wrmsrl(MSR_CORE_PERF_GLOBAL_CTRL, 0);
	rdmsrl(MSR_CORE_PERF_GLOBAL_STATUS, status);
	if (status) {
		wrmsrl(MSR_CORE_PERF_GLOBAL_OVF_CTRL, status);
		perf_reload();
		handled = NMI_HANDLED;
	}
	if (counts)
		wrmsrl(MSR_CORE_PERF_GLOBAL_CTRL, FIXED_CTR_OVERFLOW(sample_counter));
	apic_unmask_counters();
	return handled;
}

static int perf_online_cpu(unsigned int cpu)
{
	perf_reload();
	wrmsrl(MSR_CORE_PERF_FIXED_CTR_CTRL,
	       FIXED_CTR_KERNEL(sample_counter) | FIXED_CTR_PMI(sample_counter));
	this_cpu_write(perf_counts, true);
	wrmsrl(MSR_CORE_PERF_GLOBAL_CTRL, FIXED_CTR_OVERFLOW(sample_counter));
	return 0;
}

static int perf_offline_cpu(unsigned int cpu)
{
	this_cpu_write(perf_counts, false);
	wrmsrl(MSR_CORE_PERF_GLOBAL_CTRL, 0);
	wrmsrl(MSR_CORE_PERF_FIXED_CTR_CTRL, 0);
	return 0;
}

void perf_init(void)
{
	if (!sample_period)
		return;
	register_nmi_handler_source(NMI_LOCAL, perf_event_nmi_handler, 0, "PMI", NMI_SOURCE_PMI);
	WARN_ON(cpuhp_setup_state(CPUHP_AP_PERF_ONLINE, "perf:online", perf_online_cpu,
				  perf_offline_cpu));
}
