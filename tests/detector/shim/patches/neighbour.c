// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Uses the API as the detector without NMIs does from v6.15 on: each CPU's tick looks at the next CPU. */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/nmi.h>
#include <linux/percpu-defs.h>

static cpumask_t __read_mostly watched;

static unsigned int neighbour(unsigned int cpu)
{
	unsigned int next = cpumask_next_wrap(cpu, &watched);

	return next == cpu ? nr_cpu_ids : next;
}

int __init watchdog_hardlockup_probe(void)
{
	watchdog_hardlockup_miss_thresh = 3;
	return 0;
}

void watchdog_hardlockup_enable(unsigned int cpu)
{
	watchdog_hardlockup_touch_cpu(cpu);
	smp_wmb();
	cpumask_set_cpu(cpu, &watched);
}

void watchdog_hardlockup_disable(unsigned int cpu)
{
	unsigned int next = neighbour(cpu);

	if (next < nr_cpu_ids)
		watchdog_hardlockup_touch_cpu(next);
	smp_wmb();
	cpumask_clear_cpu(cpu, &watched);
}

void watchdog_buddy_check_hardlockup(int hrtimer_interrupts)
{
	unsigned int next = neighbour(smp_processor_id());

	if (next >= nr_cpu_ids)
		return;
	smp_rmb();
	watchdog_hardlockup_check(next, NULL);
}
