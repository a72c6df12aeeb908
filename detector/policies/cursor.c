// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Rotation policy: a cursor which all CPUs share.
 *
 * The order is that of round robin as long as each NMI is taken before the next
 * one. When one is late, round robin goes on from the CPU that was late and
 * visits its successors a second time; the cursor goes on from where the
 * rotation is, and skips the CPU whose turn the late one used up.
 */
#include <linux/compiler.h>
#include <linux/cpumask.h>

#include "hld.h"

/* The last answer. Two handlers at the same time may give the same one. */
static unsigned int hld_cursor;

/**
 * hld_next_cursor - Select the CPU which receives the next NMI
 * @hld:	The detector instance
 * @this_cpu:	The CPU on which the current NMI was taken; ignored
 *
 * Return: a monitored CPU, or nr_cpu_ids if no CPU is monitored.
 */
static unsigned int hld_next_cursor(const struct hld *hld, unsigned int this_cpu)
{
	unsigned int cpu;

	cpu = cpumask_next(READ_ONCE(hld_cursor), &hld->monitored_mask);
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(&hld->monitored_mask);
	if (cpu < nr_cpu_ids)
		WRITE_ONCE(hld_cursor, cpu);

	return cpu;
}

const struct hld_policy_ops hld_policy_cursor = {
	.name = "cursor",
	.next = hld_next_cursor,
};
