// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The performance counters' NMI, when somebody samples all CPUs from boot on
 * ("hld.perf" on the command line): fixed counter 0 of each CPU that is up, and
 * the handler that knows by the status MSR whose NMI it was.
 *
 * Linux registers its handler at every boot, and it returns at once while nobody
 * samples. This one is registered only if somebody does.
 */
#include "kernel.h"
#include <linux/nmi.h>
#include <asm/msr.h>

#define FIXED_CTR0_OVERFLOW  (1ULL << 32) /* the same bit in the three global registers */
#define FIXED_CTR0_KERNEL    0x1	  /* count in ring 0 */
#define FIXED_CTR0_PMI	     0x8
#define FIXED_CTR_VALUE_MASK ((1ULL << 48) - 1)
#define SAMPLE_PERIOD	     1000000

static bool perf_samples;
static DEFINE_PER_CPU(bool, perf_counts);

/* "hld.perf" of the command line, the simulator's word. */
bool perf_parse(const char *word, size_t n)
{
	if (n != 8 || strncmp(word, "hld.perf", n))
		return false;
	perf_samples = true;
	return true;
}

/* Always as an NMI: with interrupts off there would be no samples. */
void perf_events_lapic_init(void)
{
	if (perf_samples)
		apic_unmask_counters();
}

static void perf_reload(void)
{
	wrmsrl(MSR_CORE_PERF_FIXED_CTR0, -(u64)SAMPLE_PERIOD & FIXED_CTR_VALUE_MASK);
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
		wrmsrl(MSR_CORE_PERF_GLOBAL_CTRL, FIXED_CTR0_OVERFLOW);
	apic_unmask_counters();
	return handled;
}

static int perf_online_cpu(unsigned int cpu)
{
	perf_reload();
	wrmsrl(MSR_CORE_PERF_FIXED_CTR_CTRL, FIXED_CTR0_KERNEL | FIXED_CTR0_PMI);
	this_cpu_write(perf_counts, true);
	wrmsrl(MSR_CORE_PERF_GLOBAL_CTRL, FIXED_CTR0_OVERFLOW);
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
	if (!perf_samples)
		return;
	register_nmi_handler_source(NMI_LOCAL, perf_event_nmi_handler, 0, "PMI", NMI_SOURCE_PMI);
	WARN_ON(cpuhp_setup_state(CPUHP_AP_PERF_ONLINE, "perf:online", perf_online_cpu,
				  perf_offline_cpu));
}
