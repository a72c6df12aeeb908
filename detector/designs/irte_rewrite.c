// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Design irte-rewrite: interrupts are remapped, the timer has one entry of the
 * remapping table, and its route never changes. The NMI handler rewrites the
 * entry for the next CPU.
 *
 * That takes the locks of the IOMMU in NMI context, writes its invalidation
 * queue and waits for the hardware. Task context does the same for every
 * interrupt that moves, here for the timer's own when the target leaves: an NMI
 * which hits it waits for what it has interrupted.
 *
 *	CPU2, task				CPU2, NMI
 *	modify entry: lock, store
 *	  submit: lock, descriptors
 *						modify entry: waits for ever
 *
 * A lock which is only tried would not help: the queue is half written.
 */
#define pr_fmt(fmt) "hld: " fmt

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/msi.h>
#include <linux/printk.h>

#include <asm/irq_remapping.h>

#include "hld.h"

#ifdef IRQ_REMAP_NMI_ENTRIES

static int hld_rewrite_entry;

static int hld_rewrite_init(struct hld *hld)
{
	struct msi_msg msg;
	int ret;

	ret = irq_remap_alloc_nmi(1);
	if (ret < 0) {
		pr_err("no remapping entry: %d\n", ret);
		return ret;
	}
	hld_rewrite_entry = ret;

	irq_remap_compose_nmi(hld_rewrite_entry, &msg);
	hld_timer_set_data(&hld->timer, msg.data);
	hld_timer_route(&hld->timer, msg.address_lo);

	return 0;
}

static void hld_rewrite_exit(struct hld *hld)
{
	irq_remap_free_nmi(hld_rewrite_entry, 1);
}

/* The target is written last: see struct hld. */
static int hld_rewrite_move_target(struct hld *hld, unsigned int cpu)
{
	int ret = irq_remap_route_nmi(hld_rewrite_entry, cpu);

	if (!ret)
		WRITE_ONCE(hld->target, cpu);

	return ret;
}

static void hld_rewrite_nmi(struct hld *hld, unsigned int this_cpu)
{
	unsigned int cpu;

	cpu = hld->policy->next(hld, this_cpu);
	if (cpu < nr_cpu_ids)
		hld_rewrite_move_target(hld, cpu);
}

static int hld_rewrite_add_cpu(struct hld *hld, unsigned int cpu)
{
	bool first = cpumask_empty(&hld->monitored_mask);
	int ret;

	if (first) {
		ret = hld_rewrite_move_target(hld, cpu);
		if (ret)
			return ret;
	}

	cpumask_set_cpu(cpu, &hld->monitored_mask);

	if (first)
		hld_start(hld);

	return 0;
}

/* The target moves first, so that the entry never names a CPU outside the mask. */
static void hld_rewrite_remove_cpus(struct hld *hld, const struct cpumask *gone)
{
	unsigned int cpu;

	for_each_cpu(cpu, gone) {
		if (READ_ONCE(hld->target) == cpu)
			hld_rewrite_move_target(hld, hld->policy->next(hld, cpu));
		cpumask_clear_cpu(cpu, &hld->monitored_mask);
	}

	if (cpumask_empty(&hld->monitored_mask))
		hld_timer_stop(&hld->timer);
}

const struct hld_design_ops hld_design_irte_rewrite = {
	.name = "irte-rewrite",
	.own_messages = true,
	.init = hld_rewrite_init,
	.exit = hld_rewrite_exit,
	.nmi = hld_rewrite_nmi,
	.add_cpu = hld_rewrite_add_cpu,
	.remove_cpus = hld_rewrite_remove_cpus,
};

#else /* !IRQ_REMAP_NMI_ENTRIES */

/* Linux has no such thing: a driver cannot reserve an entry of the table. */
static int hld_rewrite_init(struct hld *hld)
{
	pr_err("this kernel reserves no remapping entry for a driver\n");

	return -EOPNOTSUPP;
}

const struct hld_design_ops hld_design_irte_rewrite = {
	.name = "irte-rewrite",
	.init = hld_rewrite_init,
};

#endif /* IRQ_REMAP_NMI_ENTRIES */
