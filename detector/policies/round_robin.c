// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Rotation policy: round robin over the monitored CPUs.
 *
 * Called from NMI context on the CPU which handled the last interrupt. Takes no
 * lock, writes no mask and touches no interrupt chip: it returns a CPU number,
 * the caller writes that CPU's precomputed message to TIMERn_PROCMSG_ROUT.
 */
#include <linux/cpumask.h>

#include "hld.h"

/**
 * hld_next_round_robin - Select the CPU which receives the next NMI
 * @hld:	The detector instance
 * @this_cpu:	The CPU on which the current NMI was taken
 *
 * The mask may change under this walk: a CPU can leave between its test here
 * and the write of the route. Whether that is possible is the design's affair.
 *
 * Return: a monitored CPU, @this_cpu if it is the only one, or nr_cpu_ids if
 * no CPU is monitored, in which case the timer stays on its current target.
 */
static unsigned int hld_next_round_robin(const struct hld *hld, unsigned int this_cpu)
{
	unsigned int cpu;

	cpu = cpumask_next(this_cpu, &hld->monitored_mask);
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(&hld->monitored_mask);

	return cpu;
}

const struct hld_policy_ops hld_policy_round_robin = {
	.name = "round-robin",
	.next = hld_next_round_robin,
};
