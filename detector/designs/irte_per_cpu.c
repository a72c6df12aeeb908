// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Design irte-per-cpu: interrupts are remapped, and each CPU has an entry of the
 * remapping table of its own, reserved when the detector is loaded. The NMI
 * handler writes the message which names the next CPU's entry to
 * TIMERn_PROCMSG_ROUT.
 *
 * An entry which the NMI handler changed would take the locks of the IOMMU and
 * wait for its queue, which the interrupted code may hold. Here no entry changes
 * when the target moves: what is written from NMI is the register of the timer,
 * as in direct-route, and nothing has to be invalidated. Entries are written in
 * task context only: when a CPU comes, before its bit is set, and when it leaves
 * unless entry=keep.
 *
 * The two races of direct-route are there as before. What becomes of an NMI to a
 * CPU which has left is the parameter entry=:
 *
 *	keep	the entry stays as it is: the NMI comes to that CPU
 *	clear	the entry is made absent: the NMI is blocked, and the IOMMU records
 *		a fault, once a period as long as the route names the entry
 *	drain	as clear, but before the bit is cleared, and the wait for the
 *		invalidation is taken for a drain. It is none: what the IOMMU has
 *		let pass before may be at the local APIC, or on its way to it
 *
 * Either way nobody moves the target any more.
 */
#define pr_fmt(fmt) "hld: " fmt

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/msi.h>
#include <linux/percpu.h>
#include <linux/printk.h>

#include <asm/irq_remapping.h>

#include "hld.h"

enum hld_entry {
	HLD_ENTRY_KEEP,
	HLD_ENTRY_CLEAR,
	HLD_ENTRY_DRAIN,
};

/* In the order of enum hld_entry. */
static const char *const hld_entry_names[] = { "keep", "clear", "drain" };

static char *hld_entry_name = "keep";
module_param_named(entry, hld_entry_name, charp, 0444);
MODULE_PARM_DESC(entry, "irte-per-cpu: the entry of a CPU which leaves: keep, clear, drain");

#ifdef IRQ_REMAP_NMI_ENTRIES

static enum hld_entry hld_entry;

/* The entry of CPU n is the n-th after this one. */
static int hld_irte_base;

/* Address of the message which names the CPU's entry. */
static DEFINE_PER_CPU(u32, hld_irte_route);

static int hld_irte_init(struct hld *hld)
{
	struct msi_msg msg;
	unsigned int cpu;
	int ret;

	ret = hld_choose("entry", hld_entry_name, hld_entry_names, ARRAY_SIZE(hld_entry_names));
	if (ret < 0)
		return ret;
	hld_entry = ret;

	ret = irq_remap_alloc_nmi(nr_cpu_ids);
	if (ret < 0) {
		pr_err("no remapping entries for %u CPUs: %d\n", nr_cpu_ids, ret);
		return ret;
	}
	hld_irte_base = ret;

	for_each_possible_cpu(cpu) {
		irq_remap_compose_nmi(hld_irte_base + cpu, &msg);
		per_cpu(hld_irte_route, cpu) = msg.address_lo;
	}
	/* The same for all of them. */
	hld_timer_set_data(&hld->timer, msg.data);

	return 0;
}

static void hld_irte_exit(struct hld *hld)
{
	irq_remap_free_nmi(hld_irte_base, nr_cpu_ids);
}

/* The target is written last: see struct hld. */
static void hld_irte_move_target(struct hld *hld, unsigned int cpu)
{
	hld_timer_route(&hld->timer, per_cpu(hld_irte_route, cpu));
	WRITE_ONCE(hld->target, cpu);
}

static void hld_irte_nmi(struct hld *hld, unsigned int this_cpu)
{
	unsigned int cpu;

	cpu = hld->policy->next(hld, this_cpu);
	if (cpu < nr_cpu_ids)
		hld_irte_move_target(hld, cpu);
}

static int hld_irte_add_cpu(struct hld *hld, unsigned int cpu)
{
	bool first = cpumask_empty(&hld->monitored_mask);
	int ret;

	ret = irq_remap_route_nmi(hld_irte_base + cpu, cpu);
	if (ret) {
		pr_err("the remapping entry of cpu %u cannot be written: %d\n", cpu, ret);
		return ret;
	}

	cpumask_set_cpu(cpu, &hld->monitored_mask);

	if (first) {
		hld_irte_move_target(hld, cpu);
		hld_start(hld);
	}

	return 0;
}

static void hld_irte_block(const struct cpumask *gone)
{
	unsigned int cpu;

	for_each_cpu(cpu, gone) {
		if (irq_remap_block_nmi(hld_irte_base + cpu))
			pr_err("the remapping entry of cpu %u cannot be cleared\n", cpu);
	}
}

static void hld_irte_remove_cpus(struct hld *hld, const struct cpumask *gone)
{
	unsigned int cpu;

	if (hld_entry == HLD_ENTRY_DRAIN)
		hld_irte_block(gone);

	for_each_cpu(cpu, gone)
		cpumask_clear_cpu(cpu, &hld->monitored_mask);

	if (cpumask_empty(&hld->monitored_mask))
		hld_timer_stop(&hld->timer);

	if (hld_entry == HLD_ENTRY_CLEAR)
		hld_irte_block(gone);
}

const struct hld_design_ops hld_design_irte_per_cpu = {
	.name = "irte-per-cpu",
	.own_messages = true,
	.init = hld_irte_init,
	.exit = hld_irte_exit,
	.nmi = hld_irte_nmi,
	.add_cpu = hld_irte_add_cpu,
	.remove_cpus = hld_irte_remove_cpus,
};

#else /* !IRQ_REMAP_NMI_ENTRIES */

/* Linux has no such thing: a driver cannot reserve entries of the table. */
static int hld_irte_init(struct hld *hld)
{
	int ret;

	ret = hld_choose("entry", hld_entry_name, hld_entry_names, ARRAY_SIZE(hld_entry_names));
	if (ret < 0)
		return ret;

	pr_err("this kernel reserves no remapping entries for a driver\n");

	return -EOPNOTSUPP;
}

const struct hld_design_ops hld_design_irte_per_cpu = {
	.name = "irte-per-cpu",
	.init = hld_irte_init,
};

#endif /* IRQ_REMAP_NMI_ENTRIES */
