// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What the designs share which write the timer's route themselves: the move to
 * the next CPU, and the first CPU, which starts the timer.
 */
#include <linux/cpumask.h>
#include <linux/types.h>

#include "hld.h"

/**
 * hld_rotate - Move the target to the CPU that the policy selects
 * @hld:	The detector
 * @this_cpu:	The CPU after which the policy looks
 *
 * An &hld_design_ops.nmi: no lock, one posted write. Does nothing if no CPU is
 * monitored.
 */
void hld_rotate(struct hld *hld, unsigned int this_cpu)
{
	unsigned int cpu;

	cpu = hld->policy->next(hld, this_cpu);
	if (cpu < nr_cpu_ids)
		hld_move_target(hld, cpu);
}

/**
 * hld_rotate_add_cpu - Let the rotation come to a CPU
 * @hld:	The detector
 * @cpu:	The CPU; it is ready for an NMI
 *
 * An &hld_design_ops.add_cpu. The timer keeps running: an NMI which is on its way
 * goes to another CPU. The first CPU becomes the target and starts the timer.
 *
 * Return: 0.
 */
int hld_rotate_add_cpu(struct hld *hld, unsigned int cpu)
{
	bool first = cpumask_empty(&hld->monitored_mask);

	cpumask_set_cpu(cpu, &hld->monitored_mask);

	if (first) {
		hld_move_target(hld, cpu);
		hld_start(hld);
	}

	return 0;
}
